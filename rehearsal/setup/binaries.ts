/** The programs that machines and the rehearsal run: downloaded where that is possible, else built; then cached. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { constants, copyFile, link, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "./build.ts";
import { makeOnce } from "./cache.ts";
import { fetchBinaries, probe } from "./download.ts";
import { recipe } from "./go-module.ts";
import { architecture } from "./preflight.ts";
import type { ReportProgress } from "./progress.ts";
import { type Download, type Release, releases } from "./releases.ts";

/** @returns one directory that holds every binary, and the Node that runs this */
export async function makeBinaries(cache: string, report: ReportProgress): Promise<string> {
	const made: string[] = [];
	for (const release of releases) {
		made.push(await makeRelease(release, cache, report));
	}
	const key = digest([...made.map((directory) => basename(directory)), process.version]);
	return makeOnce(join(cache, "toolboxes", key), async (directory) => {
		for (const source of made) {
			for (const name of await readdir(source)) {
				await link(join(source, name), join(directory, name));
			}
		}
		await copyFile(process.execPath, join(directory, "node"), constants.COPYFILE_FICLONE);
	});
}

async function makeRelease(release: Release, cache: string, report: ReportProgress): Promise<string> {
	const downloads = release.downloads?.(architecture());
	return (
		(downloads && (await makeDownload(`${release.name}-${release.version}`, downloads, release, cache, report))) ??
		makeBuild(release, cache, report)
	);
}

/**
 * @param built what is built where the download cannot be had; what was built before is not downloaded
 * @returns the directory of what was downloaded, now or before; undefined when it cannot be had from here
 */
export async function makeDownload(
	name: string,
	downloads: readonly Download[],
	built: Release | undefined,
	cache: string,
	report: ReportProgress,
): Promise<string | undefined> {
	const target = join(cache, "downloads", `${name}-${architecture()}-${digest(downloads)}`);
	if (!existsSync(target) && built && existsSync(await buildTarget(built, cache))) {
		return undefined;
	}
	const checked = existsSync(target) ? [] : await probe(downloads);
	return (
		checked &&
		makeOnce(target, async (directory) => {
			report(`Downloading ${name} ...`);
			for (const download of checked) {
				await fetchBinaries(download, directory);
			}
		})
	);
}

export async function makeBuild(release: Release, cache: string, report: ReportProgress): Promise<string> {
	const target = await buildTarget(release, cache);
	return makeOnce(target, (directory) => build(release, architecture(), directory, report));
}

async function buildTarget(release: Release, cache: string): Promise<string> {
	const name = `${release.name}-${release.version}-${architecture()}-${digest(await recipe(release))}`;
	return join(cache, "binaries", name);
}

/** Names a thing by all that it is made from. */
function digest(parts: unknown): string {
	return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 12);
}
