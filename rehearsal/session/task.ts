/** Calls of the Proxmox API that start a task. */
import { setTimeout as sleep } from "node:timers/promises";
import { callProxmox, type MachineAccess } from "./proxmox-api.ts";

const timeoutSeconds = 120;

/**
 * Resolves when the task has ended.
 *
 * @param action for the message: `stop`, `start`, ...
 */
export async function runTask(
	access: MachineAccess,
	method: "POST" | "DELETE",
	path: string,
	action: string,
): Promise<void> {
	const task = encodeURIComponent(String(await callProxmox(access, method, path)));
	for (const end = Date.now() + timeoutSeconds * 1000; Date.now() < end; await sleep(100)) {
		const { status, exitstatus } = (await callProxmox(access, "GET", `tasks/${task}/status`)) as TaskStatus;
		if (status === "stopped" && exitstatus === "OK") {
			return;
		}
		if (status === "stopped") {
			throw new Error(`Proxmox could not ${action} VM ${access.vmId}: ${exitstatus}`);
		}
	}
	throw new Error(`The ${action} of VM ${access.vmId} did not end within ${timeoutSeconds} s.`);
}

interface TaskStatus {
	status: "running" | "stopped";
	exitstatus?: string;
}
