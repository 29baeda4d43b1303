/** Prepares the running kernel for the machines. Both changes last until the next boot of the host; no file is written. */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { execute } from "./command.ts";
import type { ReportProgress } from "./progress.ts";

const inotifyInstances = "/proc/sys/fs/inotify/max_user_instances";
/**
 * The kernel counts the instances of all machines together, because all belong to root: 6 for each systemd with its message
 * bus, and 17 for each Kubernetes control plane (measured). With the default of 128 a second rehearsal at the same time
 * fails with "Failed to create control group inotify object: Too many open files".
 */
const enoughInotifyInstances = 4096;

export async function prepareKernel(report: ReportProgress): Promise<void> {
	await loadBridgeFilter(report);
	await raiseInotifyLimit(report);
}

/**
 * Machines cannot load modules, but must be able to set net.bridge.*, which every network namespace has when the host has
 * the module. Without rules the module filters nothing.
 */
async function loadBridgeFilter(report: ReportProgress): Promise<void> {
	if (!existsSync("/proc/sys/net/bridge")) {
		report("Loading the kernel module br_netfilter ...");
		await execute(["modprobe", "br_netfilter"]);
	}
}

async function raiseInotifyLimit(report: ReportProgress): Promise<void> {
	if (Number(await readFile(inotifyInstances, "utf8")) < enoughInotifyInstances) {
		report(`Raising fs.inotify.max_user_instances to ${enoughInotifyInstances} until the next boot of this host ...`);
		await writeFile(inotifyInstances, String(enoughInotifyInstances));
	}
}
