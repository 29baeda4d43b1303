/** Published binaries, each checked against the digest that its publisher states next to it. */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { execute } from "./command.ts";
import type { Download } from "./releases.ts";

/** A download whose publisher was reached. */
interface CheckedDownload extends Download {
	digest: Digest;
}

interface Digest {
	/** SHA-1 is what the releases of some Pulumi plugins state (`shasum` in their workflow): better than none. */
	algorithm: "SHA-256" | "SHA-1";
	hex: string;
}

/** A host that cannot be reached answers nothing at all: longer only delays the build that follows. */
const probeTimeout = 3000;

/** Hosts that did not answer this process: to wait for each again would take seconds for each part. */
const silent = new Set<string>();

/** The downloads with their digests, or `undefined` when one of them cannot be had from here. */
export async function probe(downloads: readonly Download[]): Promise<CheckedDownload[] | undefined> {
	try {
		return await Promise.all(downloads.map(async (download) => ({ ...download, digest: await digestOf(download) })));
	} catch {
		return undefined;
	}
}

/**
 * A mirror of the publishers' hosts, for a network without a way to them: `<mirror>/<host>/<path>` stands for
 * `https://<host>/<path>`.
 */
function located(url: string): string {
	const mirror = process.env.REHEARSAL_DOWNLOAD_MIRROR;
	return mirror ? url.replace(/^https:\/\//, `${mirror.replace(/\/+$/, "")}/`) : url;
}

async function digestOf({ url, digestUrl }: Download): Promise<Digest> {
	const { host } = new URL(located(digestUrl));
	if (silent.has(host)) {
		throw new Error(`${host} does not answer.`);
	}
	const response = await fetch(located(digestUrl), { signal: AbortSignal.timeout(probeTimeout) }).catch((error) => {
		silent.add(host);
		throw error;
	});
	if (!response.ok) {
		throw new Error(`${digestUrl} answered ${response.status}.`);
	}
	return statedDigest(await response.text(), basename(url));
}

/** A digest file holds either one bare digest or lines of digest and file name. */
function statedDigest(text: string, file: string): Digest {
	for (const line of text.split("\n")) {
		const [hex = "", name = file] = line.trim().split(/\s+\*?(?:\.\/)?/);
		if (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hex) && name === file) {
			return { algorithm: hex.length === 64 ? "SHA-256" : "SHA-1", hex };
		}
	}
	throw new Error(`No digest of ${file} is stated.`);
}

/**
 * Puts the binaries of a download into a directory.
 * @throws Error when the content is not what the publisher states; nothing of it is kept.
 */
export async function fetchBinaries(download: CheckedDownload, directory: string): Promise<void> {
	const file = join(directory, `.${basename(download.url)}`);
	try {
		await fetchFile(download, file);
		if (download.members) {
			await execute([
				"tar",
				"--extract",
				"--gzip",
				"--file",
				file,
				"-C",
				directory,
				// Only the programs are wanted, not the folders that they lie in.
				"--transform=s,.*/,,",
				...download.members,
			]);
		} else {
			const binary = join(directory, basename(download.url));
			await rename(file, binary);
			await chmod(binary, 0o755);
		}
	} finally {
		await rm(file, { force: true });
	}
}

async function fetchFile({ url, digestUrl, digest }: CheckedDownload, file: string): Promise<void> {
	const response = await fetch(located(url));
	if (!response.ok || !response.body) {
		throw new Error(
			`${url} answered ${response.status}; try again, or block its host so that what stands in for it is used.`,
		);
	}
	await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
	const found = createHash(digest.algorithm.replace("-", ""));
	await pipeline(createReadStream(file), found);
	const hex = found.digest("hex");
	if (hex !== digest.hex) {
		throw new Error(
			`${url} has the ${digest.algorithm} ${hex}, but ${digestUrl} states ${digest.hex}: it was not used.`,
		);
	}
}
