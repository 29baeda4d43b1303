/** Finds the processes and mounts of a run in /proc. It trusts no file that the run wrote. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import type { Run } from "./run.ts";

/** Ids of all processes that the run started or that use its network, without zombies. */
export function processesOf(run: Run): number[] {
	const inNetwork = new Set(processesInNetwork(run));
	return processes().filter((pid) => inNetwork.has(pid) || isInGroup(pid, run.group));
}

export function processesInNetwork({ network }: Run): number[] {
	const namespace = statSync(network, { throwIfNoEntry: false })?.ino;
	return namespace === undefined ? [] : processes().filter((pid) => networkNamespace(pid) === namespace);
}

/** /proc has the line of the unified hierarchy on every host, also where that hierarchy is not mounted. */
export function isInGroup(pid: number, group: string): boolean {
	const line = read(`/proc/${pid}/cgroup`)
		?.split("\n")
		.find((entry) => entry.startsWith("0::"));
	return line === `0::/${group}` || line?.startsWith(`0::/${group}/`) === true;
}

/** Mount points below the run's directory, the deepest first. */
export function mountsOf({ directory }: Run): string[] {
	return (read("/proc/self/mountinfo") ?? "")
		.split("\n")
		.map((line) => line.split(" ")[4] ?? "")
		.filter((mountPoint) => mountPoint === directory || mountPoint.startsWith(`${directory}/`))
		.sort()
		.reverse();
}

function processes(): number[] {
	return readdirSync("/proc")
		.map(Number)
		.filter((pid) => Number.isInteger(pid) && !isZombie(pid));
}

/** A zombie has released its resources and waits for its parent to read its exit status. */
function isZombie(pid: number): boolean {
	const status = read(`/proc/${pid}/stat`);
	return status === undefined || status.slice(status.lastIndexOf(")") + 2).startsWith("Z");
}

function networkNamespace(pid: number): number | undefined {
	try {
		return statSync(`/proc/${pid}/ns/net`).ino;
	} catch {
		// The process ended in the meantime.
		return undefined;
	}
}

function read(path: string): string | undefined {
	try {
		return readFileSync(path, "utf8");
	} catch {
		return undefined;
	}
}
