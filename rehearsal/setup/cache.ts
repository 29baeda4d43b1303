/** A cache of expensive directories. Each is complete or absent, and one process at a time writes to the cache. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ReportProgress } from "./progress.ts";

/** The cache may be deleted when no rehearsal runs. */
export function cacheDirectory(): string {
	return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "rke2-rehearsal");
}

/**
 * Returns `target` if it exists. Otherwise `make` fills another directory, which is renamed to `target` when it is complete.
 * The caller must hold the lock of the cache.
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

/** Runs `work` while no other process writes to the same cache. */
export async function withLock<T>(cache: string, report: ReportProgress, work: () => Promise<T>): Promise<T> {
	await mkdir(cache, { recursive: true });
	const file = await open(join(cache, "lock"), "w");
	try {
		if (!(await flock(file, "--nonblock"))) {
			report("Another process is setting up a rehearsal; waiting for it ...");
			await flock(file);
		}
		return await work();
	} finally {
		await file.close();
	}
}

/**
 * The lock belongs to the open file that flock(1) shares with this process. The kernel releases it at any end of this
 * process, so that no lock is ever stale.
 */
async function flock(file: FileHandle, ...args: string[]): Promise<boolean> {
	const child = spawn("flock", ["--exclusive", ...args, "3"], {
		stdio: ["ignore", "ignore", "inherit", file.fd],
	});
	const [status] = await once(child, "exit");
	return status === 0;
}
