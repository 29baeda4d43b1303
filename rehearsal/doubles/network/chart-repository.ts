/** Makes a chart repository without Helm: a chart package is a tarball, and the index is a YAML file. */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "tar";
import { parse, stringify } from "yaml";

/** Directory of the chart doubles, with one directory for each chart. */
export const chartDoubles = join(import.meta.dirname, "../charts");

/** The part of a Chart.yaml that the index repeats. https://helm.sh/docs/topics/charts/#the-chartyaml-file */
interface ChartMetadata {
	apiVersion: string;
	name: string;
	version: string;
	appVersion?: string;
	kubeVersion?: string;
	type?: string;
	description?: string;
}

/** Packages and index have no real time stamps, so that the same sources give the same bytes. */
const epoch = new Date(0);

/**
 * Packages every chart of `source` into `destination` and writes the repository's index.yaml beside them.
 *
 * @param source directory with one directory for each chart
 * @param destination created if it does not exist
 */
export async function packageCharts(source: string, destination: string): Promise<void> {
	await mkdir(destination, { recursive: true });
	const folders = (await readdir(source, { withFileTypes: true })).filter((entry) => entry.isDirectory());
	const entries = await Promise.all(folders.map(({ name }) => packageChart(source, name, destination)));
	entries.sort((a, b) => (a.name < b.name ? -1 : 1));
	const index = {
		apiVersion: "v1",
		entries: Object.fromEntries(entries.map((entry) => [entry.name, [entry]])),
		generated: epoch.toISOString(),
	};
	await writeFile(join(destination, "index.yaml"), stringify(index));
}

async function packageChart(source: string, folder: string, destination: string) {
	const metadata: ChartMetadata = parse(await readFile(join(source, folder, "Chart.yaml"), "utf8"));
	const file = `${metadata.name}-${metadata.version}.tgz`;
	const path = join(destination, file);
	await create(
		{ cwd: source, file: path, gzip: true, portable: true, mtime: epoch, noDirRecurse: true },
		await filesIn(source, folder),
	);
	const digest = createHash("sha256")
		.update(await readFile(path))
		.digest("hex");
	return { ...metadata, created: epoch.toISOString(), digest, urls: [file] };
}

/** Paths relative to `source`, in an order that does not depend on the file system. */
async function filesIn(source: string, folder: string): Promise<string[]> {
	const entries = await readdir(join(source, folder), { recursive: true, withFileTypes: true });
	return entries
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name).slice(source.length + 1))
		.sort();
}
