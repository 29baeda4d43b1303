/** One run of the datacenter: where it keeps its files, and how the kernel knows what belongs to it. */
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Command, run as execute } from "../setup/command.ts";
import { deleteNetwork } from "./network.ts";
import { mountsOf, processesInNetwork } from "./processes.ts";

export interface Run {
	name: string;
	/** Disks and run-time files of the machines. */
	directory: string;
	/** Control group of everything that the run starts, relative to the root of the hierarchy. */
	group: string;
	/** Path of the network namespace. */
	network: string;
}

const controlGroupScript = fileURLToPath(new URL("control-group.sh", import.meta.url));

/** @param name lower-case letters, digits and dashes, at most 30 characters */
export function describeRun(name = "lab"): Run {
	if (!/^[a-z0-9][a-z0-9-]{0,29}$/.test(name)) {
		throw new Error(`"${name}" cannot name a rehearsal: use lower-case letters, digits and dashes, at most 30.`);
	}
	return {
		name,
		directory: `/var/lib/rke2-rehearsal/${name}`,
		group: `rke2-rehearsal-${name}`,
		network: `/run/netns/rke2-${name}`,
	};
}

/** Puts this process, and with it everything that it starts from now on, into the run. */
export async function joinRun({ group }: Run): Promise<void> {
	await execute(controlGroup("add", `${group}/datacenter`, String(process.pid)));
}

/** Ends every process of a control group of the run and removes the group. One that does not exist is ignored. */
export async function killGroup(group: string): Promise<void> {
	await execute(controlGroup("kill", group));
}

/**
 * Takes a run away whatever state it is in, crashed halfway included. It relies on nothing that the run wrote down:
 * process ids are used again, the kernel's own accounting is not. What it found gone already is ignored.
 */
export async function destroyRun(run: Run): Promise<void> {
	await killGroup(run.group);
	for (const pid of processesInNetwork(run)) {
		// Not the caller's own: a command that looks into the rehearsal may be the one that ends it.
		if (pid !== process.pid) {
			kill(pid);
		}
	}
	await deleteNetwork(run);
	for (const mountPoint of mountsOf(run)) {
		await execute(["umount", "--lazy", mountPoint]);
	}
	await rm(run.directory, { recursive: true, force: true });
}

function controlGroup(...parameters: string[]): Command {
	return ["unshare", "--mount", controlGroupScript, ...parameters];
}

function kill(pid: number): void {
	try {
		process.kill(pid, "SIGKILL");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
			throw error;
		}
	}
}
