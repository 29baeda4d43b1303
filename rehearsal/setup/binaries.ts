/** The programs that machines and the rehearsal run: downloaded where that is possible, else built; then cached. */
import { createHash } from "node:crypto";
import { constants, copyFile, link, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "./build.ts";
import { makeOnce } from "./cache.ts";
import { fetchBinaries, probe } from "./download.ts";
import { architecture } from "./preflight.ts";
import { type Release, releases } from "./releases.ts";
import type { Report } from "./report.ts";

/** @returns one directory that holds every binary, and the Node that runs this */
export async function makeBinaries(cache: string, report: Report): Promise<string> {
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

async function makeRelease(release: Release, cache: string, report: Report): Promise<string> {
	const name = `${release.name}-${release.version}-${architecture()}-${digest(release)}`;
	return makeOnce(join(cache, "binaries", name), async (directory) => {
		const downloads = release.downloads && (await probe(release.downloads(architecture())));
		if (!downloads) {
			await build(release, architecture(), directory, report);
			return;
		}
		report(`Downloading ${release.name} ${release.version} ...`);
		for (const download of downloads) {
			await fetchBinaries(download, directory);
		}
	});
}

/** Names a thing by all that it is made from. */
function digest(recipe: unknown): string {
	return createHash("sha256").update(JSON.stringify(recipe)).digest("hex").slice(0, 12);
}
