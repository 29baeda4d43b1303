/** Takes the double's release from the cache. Building it takes seconds, and rehearsals share it. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { cacheDirectory, makeOnce, withLock } from "../../../setup/cache.ts";
import type { ReportProgress } from "../../../setup/progress.ts";

interface CachedRelease {
	/** Contains a folder for the version, as a mirror serves it. */
	directory: string;
	/** Digest of the tarball, in hexadecimal. */
	sha256: string;
}

const here = import.meta.dirname;

/** @param version `vX.Y.Z+rke2rN` */
export async function cachedRelease(version: string, report: ReportProgress): Promise<CachedRelease> {
	const cache = cacheDirectory();
	const target = join(cache, "releases", await recipeDigest(version));
	const directory = await withLock(cache, report, () =>
		makeOnce(target, async (unfinished) => {
			// Imported here only, because loading the TypeScript compiler takes longer than reading the cache.
			const { buildRelease } = await import("./release.ts");
			await buildRelease({ version, directory: unfinished });
		}),
	);
	const checksums = await readFile(join(directory, version, "sha256sum-amd64.txt"), "utf8");
	return { directory, sha256: checksums.slice(0, checksums.indexOf(" ")) };
}

/** Digest of all that the release is made from. The package lock stands for the compiler and the bundled npm packages. */
async function recipeDigest(version: string): Promise<string> {
	const hash = createHash("sha256").update(version);
	const files = [
		"release.ts",
		"../../../../package-lock.json",
		...(await filesIn("package")),
		...(await filesIn("../program")),
	];
	for (const file of files) {
		hash.update(file).update(await readFile(join(here, file)));
	}
	return hash.digest("hex").slice(0, 16);
}

async function filesIn(folder: string): Promise<string[]> {
	const entries = await readdir(join(here, folder), { recursive: true, withFileTypes: true });
	return entries
		.filter((entry) => entry.isFile())
		.map((entry) => relative(here, join(entry.parentPath, entry.name)))
		.sort();
}
