/** The double's release out of the cache: making it takes seconds, and one rehearsal after another serves the same. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { cacheDirectory, makeOnce, withLock } from "../../../setup/cache.ts";
import type { ReportProgress } from "../../../setup/progress.ts";

interface CachedRelease {
	/** Holds a folder for the version, as a mirror serves it. */
	directory: string;
	/** Of the tarball, in hex. */
	sha256: string;
}

const here = import.meta.dirname;

/** @param version `vX.Y.Z+rke2rN` */
export async function cachedRelease(version: string, report: ReportProgress): Promise<CachedRelease> {
	const cache = cacheDirectory();
	const target = join(cache, "releases", await recipeDigest(version));
	const directory = await withLock(cache, report, () =>
		makeOnce(target, async (unfinished) => {
			// Only here: the compiler takes longer to load than everything else takes when the release is there.
			const { buildRelease } = await import("./release.ts");
			await buildRelease({ version, directory: unfinished });
		}),
	);
	const checksums = await readFile(join(directory, version, "sha256sum-amd64.txt"), "utf8");
	return { directory, sha256: checksums.slice(0, checksums.indexOf(" ")) };
}

/** The npm packages inside, and the compiler, are those of the package lock. */
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
