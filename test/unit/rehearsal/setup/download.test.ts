import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fetchBinaries, probe } from "../../../../rehearsal/setup/download.ts";

const files = new Map<string, Buffer>();
const sha256 = (content: Buffer) => createHash("sha256").update(content).digest("hex");
let server: Server;
let base: string;
let directory: string;

beforeEach(async () => {
	files.clear();
	server = createServer((request, response) => {
		const content = files.get(request.url ?? "");
		response.writeHead(content ? 200 : 404).end(content);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	directory = await mkdtemp(join(tmpdir(), "download-test-"));
});

afterEach(async () => {
	server.closeAllConnections();
	server.close();
	await rm(directory, { recursive: true });
});

test("a file is executable when its digest file has one digest", async () => {
	const content = Buffer.from("#!/bin/sh\necho kubectl\n");
	files.set("/kubectl", content).set("/kubectl.sha256", Buffer.from(sha256(content)));
	const [download] = (await probe([{ url: `${base}/kubectl`, digestUrl: `${base}/kubectl.sha256` }])) ?? [];
	await fetchBinaries(download!, directory);
	expect(await readFile(join(directory, "kubectl"))).toEqual(content);
	expect((await stat(join(directory, "kubectl"))).mode & 0o777).toBe(0o755);
});

test("only the chosen members are unpacked when the digest file is a list", async () => {
	const content = await archive({ "tool/tool": "binary", "tool/README": "text" });
	const list = `${"0".repeat(64)}  other.tar.gz\n${sha256(content)}  tool.tar.gz\n`;
	files.set("/tool.tar.gz", content).set("/SHA256SUMS", Buffer.from(list));
	const wanted = { url: `${base}/tool.tar.gz`, digestUrl: `${base}/SHA256SUMS`, members: ["tool/tool"] };
	const [download] = (await probe([wanted])) ?? [];
	await fetchBinaries(download!, directory);
	expect(await readdir(directory)).toEqual(["tool"]);
});

test("a download is refused and not kept when its digest differs", async () => {
	const stated = sha256(Buffer.from("what was published"));
	files.set("/kubectl", Buffer.from("what arrived")).set("/kubectl.sha256", Buffer.from(stated));
	const [download] = (await probe([{ url: `${base}/kubectl`, digestUrl: `${base}/kubectl.sha256` }])) ?? [];
	await expect(fetchBinaries(download!, directory)).rejects.toThrow(
		`${base}/kubectl has the SHA-256 ${sha256(Buffer.from("what arrived"))}, but ${base}/kubectl.sha256 states ${stated}. The file was not used.`,
	);
	expect(await readdir(directory)).toEqual([]);
});

test("a download is not available when its publisher does not answer or states no digest", async () => {
	files.set("/SHA256SUMS", Buffer.from(`${"0".repeat(64)}  other.tar.gz\n`));
	expect(await probe([{ url: `${base}/kubectl`, digestUrl: `${base}/kubectl.sha256` }])).toBeUndefined();
	expect(await probe([{ url: `${base}/tool.tar.gz`, digestUrl: `${base}/SHA256SUMS` }])).toBeUndefined();
	expect(await probe([{ url: "http://127.0.0.1:9/kubectl", digestUrl: "http://127.0.0.1:9/sha256" }])).toBeUndefined();
});

async function archive(content: Record<string, string>): Promise<Buffer> {
	const source = await mkdtemp(join(tmpdir(), "download-test-archive-"));
	for (const [name, text] of Object.entries(content)) {
		await mkdir(join(source, name, ".."), { recursive: true });
		await writeFile(join(source, name), text);
	}
	await promisify(execFile)("tar", ["-czf", join(source, "archive.tar.gz"), "-C", source, ...Object.keys(content)]);
	const packed = await readFile(join(source, "archive.tar.gz"));
	await rm(source, { recursive: true });
	return packed;
}
