import { rm } from "node:fs/promises";
import { deleteNetwork } from "../doubles/network/network.ts";
import { killGroup } from "../run/control-group.ts";
import { mountsOf, processesInNetwork } from "../run/processes.ts";
import type { Run } from "../run/run.ts";
import { execute } from "../setup/command.ts";

/**
 * Removes everything that a run made, in any state of the run, also after a crash. It reads the kernel's own records and
 * no file of the run, because the kernel reuses process ids. Parts that do not exist any more are ignored.
 */
export async function destroyRun(run: Run): Promise<void> {
	await killGroup(run.group);
	for (const pid of processesInNetwork(run)) {
		// The caller itself may be in the network: a command that inspects the rehearsal may also end it.
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
