/** The releases of RKE2 that the mirror of one rehearsal has. */
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { ReportProgress } from "../../../setup/progress.ts";
import { cachedRelease } from "./cached-release.ts";

export class OfferedReleases {
	/** Contains a folder for each version, as a mirror serves it. */
	readonly directory: string;
	readonly #digests = new Map<string, string>();

	constructor(directory: string) {
		this.directory = directory;
	}

	/**
	 * Offers a release, which rehearsals share in the cache.
	 *
	 * @param version `vX.Y.Z+rke2rN`
	 * @returns digest of its tarball, in hexadecimal
	 */
	async offer(version: string, report: ReportProgress): Promise<string> {
		const known = this.#digests.get(version);
		if (known !== undefined) {
			return known;
		}
		const { directory, sha256 } = await cachedRelease(version, report);
		await mkdir(this.directory, { recursive: true });
		await symlink(join(directory, version), join(this.directory, version));
		this.#digests.set(version, sha256);
		return sha256;
	}

	/** @returns the digest of an offered release, otherwise nothing */
	digestOf(version: string): string | undefined {
		return this.#digests.get(version);
	}
}
