/** Published binaries, each checked against the SHA-256 that its publisher states next to it. */
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
	/** Hexadecimal. */
	sha256: string;
}

/** A host that cannot be reached answers nothing at all: longer only delays the build that follows. */
const probeTimeout = 3000;

/** The downloads with their digests, or `undefined` when one of them cannot be had from here. */
export async function probe(downloads: Download[]): Promise<CheckedDownload[] | undefined> {
	try {
		return await Promise.all(downloads.map(async (download) => ({ ...download, sha256: await digestOf(download) })));
	} catch {
		return undefined;
	}
}

async function digestOf({ url, digestUrl }: Download): Promise<string> {
	const response = await fetch(digestUrl, { signal: AbortSignal.timeout(probeTimeout) });
	if (!response.ok) {
		throw new Error(`${digestUrl} answered ${response.status}.`);
	}
	return statedDigest(await response.text(), basename(url));
}

/** A digest file holds either one bare digest or lines of digest and file name. */
function statedDigest(text: string, file: string): string {
	for (const line of text.split("\n")) {
		const [digest = "", name = file] = line.trim().split(/\s+\*?/);
		if (/^[0-9a-f]{64}$/.test(digest) && name === file) {
			return digest;
		}
	}
	throw new Error(`No SHA-256 of ${file} is stated.`);
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
				"--strip-components=1",
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

async function fetchFile({ url, digestUrl, sha256 }: CheckedDownload, file: string): Promise<void> {
	const response = await fetch(url);
	if (!response.ok || !response.body) {
		throw new Error(`${url} answered ${response.status}; try again, or block its host so that it is built instead.`);
	}
	await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
	const found = await sha256Of(file);
	if (found !== sha256) {
		throw new Error(`${url} has the SHA-256 ${found}, but ${digestUrl} states ${sha256}: it was not used.`);
	}
}

async function sha256Of(file: string): Promise<string> {
	const hash = createHash("sha256");
	await pipeline(createReadStream(file), hash);
	return hash.digest("hex");
}
