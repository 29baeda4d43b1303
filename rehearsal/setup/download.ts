/** Downloads published binaries, and compares each with the digest that its publisher states next to it. */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { execute } from "./command.ts";
import type { Download } from "./releases.ts";

/** A download with the digest that its publisher stated. */
interface CheckedDownload extends Download {
	digest: Digest;
}

interface Digest {
	/** Releases of some Pulumi plugins state SHA-1 only (`shasum` in their workflow). */
	algorithm: "SHA-256" | "SHA-1";
	hex: string;
}

/** Milliseconds. A host that cannot be reached never answers, and a longer timeout would only delay the build. */
const probeTimeout = 3000;

/** Hosts that did not answer. They are not tried again, because each attempt takes seconds. */
const silent = new Set<string>();

/** The downloads with their digests, or `undefined` when one of them is not available. */
export async function probe(downloads: readonly Download[]): Promise<CheckedDownload[] | undefined> {
	try {
		return await Promise.all(downloads.map(async (download) => ({ ...download, digest: await digestOf(download) })));
	} catch {
		return undefined;
	}
}

/**
 * The URL at the mirror of the publishers' hosts, if there is one: `<mirror>/<host>/<path>` replaces `https://<host>/<path>`.
 * Networks that cannot reach the publishers have such a mirror.
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

/** Reads a digest file: one digest only, or lines of digest and file name. */
function statedDigest(text: string, file: string): Digest {
	for (const line of text.split("\n")) {
		const [hex = "", name = file] = line.trim().split(/\s+\*?(?:\.\/)?/);
		if (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hex) && name === file) {
			return { algorithm: hex.length === 64 ? "SHA-256" : "SHA-1", hex };
		}
	}
	throw new Error(`The publisher states no digest of ${file}.`);
}

/**
 * Puts the binaries of a download into a directory.
 * @throws Error when the digest differs from the publisher's; then no file is kept.
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
				// Only the programs, without their folders.
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
			`${url} answered ${response.status}; try again, or block its host, so that the program is built instead.`,
		);
	}
	await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
	const found = createHash(digest.algorithm.replace("-", ""));
	await pipeline(createReadStream(file), found);
	const hex = found.digest("hex");
	if (hex !== digest.hex) {
		throw new Error(
			`${url} has the ${digest.algorithm} ${hex}, but ${digestUrl} states ${digest.hex}. The file was not used.`,
		);
	}
}
