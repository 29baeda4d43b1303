/** What is expensive to make is made once, completely or not at all, by one process at a time. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ReportProgress } from "./progress.ts";

/** May be deleted at any time while no rehearsal runs. */
export function cacheDirectory(): string {
	return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "rke2-rehearsal");
}

/**
 * Returns `target` as it is when it exists; else has `make` fill a directory, which gets the name only when complete.
 * The caller holds the lock of the cache.
 */
export async function makeOnce(target: string, make: (directory: string) => Promise<void>): Promise<string> {
	if (!existsSync(target)) {
		const unfinished = `${target}.unfinished`;
		await rm(unfinished, { recursive: true, force: true });
		await mkdir(unfinished, { recursive: true });
		await make(unfinished);
		await rename(unfinished, target);
	}
	return target;
}

/** Runs `work` while no other process of this machine works on the same cache. */
export async function withLock<T>(cache: string, report: ReportProgress, work: () => Promise<T>): Promise<T> {
	await mkdir(cache, { recursive: true });
	const file = await open(join(cache, "lock"), "w");
	try {
		if (!(await flock(file, "--nonblock"))) {
			report("Another rehearsal is setting up; waiting for it ...");
			await flock(file);
		}
		return await work();
	} finally {
		await file.close();
	}
}

/**
 * The lock belongs to the open file that flock(1) shares with this process. The kernel takes it back when this process
 * ends, however it ends: none is ever stale.
 */
async function flock(file: FileHandle, ...args: string[]): Promise<boolean> {
	const child = spawn("flock", ["--exclusive", ...args, "3"], {
		stdio: ["ignore", "ignore", "inherit", file.fd],
	});
	const [status] = await once(child, "exit");
	return status === 0;
}
