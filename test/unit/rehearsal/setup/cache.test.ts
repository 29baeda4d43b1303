import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeOnce, withLock } from "../../../../rehearsal/setup/cache.ts";

let cache: string;

beforeEach(async () => {
	cache = await mkdtemp(join(tmpdir(), "cache-test-"));
});

afterEach(() => rm(cache, { recursive: true }));

test("makeOnce starts again when an attempt failed, and never when the target is complete", async () => {
	const target = join(cache, "image");
	const interrupted = makeOnce(target, async (directory) => {
		await writeFile(join(directory, "half"), "");
		throw new Error("interrupted");
	});
	await expect(interrupted).rejects.toThrow("interrupted");
	expect(await readdir(cache)).not.toContain("image");

	await makeOnce(target, (directory) => writeFile(join(directory, "whole"), ""));
	await makeOnce(target, () => Promise.reject(new Error("made twice")));
	expect(await readdir(target)).toEqual(["whole"]);
});

test("a second process waits for the lock and gets it when the first one is killed", async () => {
	const holder = fork(fileURLToPath(new URL("hold-lock.ts", import.meta.url)), [cache]);
	await once(holder, "message");
	const said: string[] = [];
	const waiting = withLock(
		cache,
		(line) => said.push(line),
		async () => "worked",
	);
	await expect.poll(() => said).toEqual(["Another process is setting up a rehearsal; waiting for it ..."]);
	holder.kill("SIGKILL");
	expect(await waiting).toBe("worked");
});
