import { rm } from "node:fs/promises";
import { deleteNetwork } from "../doubles/network/network.ts";
import { execute } from "../setup/command.ts";
import { killGroup } from "./control-group.ts";
import { mountsOf, processesInNetwork } from "./processes.ts";
import type { Run } from "./run.ts";

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

function kill(pid: number): void {
	try {
		process.kill(pid, "SIGKILL");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
			throw error;
		}
	}
}
