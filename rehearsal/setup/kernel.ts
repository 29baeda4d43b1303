/** What the running kernel needs for the machines. Both last until the host reboots; nothing is written to a disk. */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { execute } from "./command.ts";
import type { ReportProgress } from "./progress.ts";

const inotifyInstances = "/proc/sys/fs/inotify/max_user_instances";
/**
 * The kernel counts the instances of all machines together, because all belong to root: 6 for each systemd and its
 * message bus, 17 for each Kubernetes control plane (measured). The default of 128 ends a second rehearsal beside the
 * first with "Failed to create control group inotify object: Too many open files".
 */
const enoughInotifyInstances = 4096;

export async function prepareKernel(report: ReportProgress): Promise<void> {
	await loadBridgeFilter(report);
	await raiseInotifyLimit(report);
}

/**
 * Machines have no modules to load, but must be able to set net.bridge.*: it appears in every network namespace as soon
 * as the host has the module. It filters nothing as long as nobody writes rules.
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
