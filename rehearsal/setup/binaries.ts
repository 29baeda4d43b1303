/** Provides the programs that the rehearsal and its machines run. They are downloaded or built, and then cached. */
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

/** @returns a directory with every binary and the Node of this process */
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
 * @param built the release to build without a download; when it was built before, nothing is downloaded
 * @returns the directory of the download, or undefined when it is not available
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

/** A short digest of all that a cached directory is made from. */
function digest(parts: unknown): string {
	return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 12);
}
