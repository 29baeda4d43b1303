/** Power actions on a machine through the Proxmox API. */
import { setTimeout as sleep } from "node:timers/promises";
import { callProxmox, type MachineAccess } from "./proxmox-api.ts";

export type PowerAction = "start" | "stop" | "reboot";

/** The token needs VM.PowerMgmt and VM.Audit. */
export interface PowerRequest extends MachineAccess {
	/** `stop` cuts the power without asking the guest. `reboot` asks it to power off, and starts it again. */
	action: PowerAction;
}

const timeoutSeconds = 120;

/** Resolves when the action has ended. A started machine may still be booting. */
export async function changePower({ action, ...access }: PowerRequest): Promise<void> {
	const { vmId } = access;
	const task = encodeURIComponent(String(await callProxmox(access, "POST", `qemu/${vmId}/status/${action}`)));
	for (const end = Date.now() + timeoutSeconds * 1000; Date.now() < end; await sleep(100)) {
		const { status, exitstatus } = (await callProxmox(access, "GET", `tasks/${task}/status`)) as TaskStatus;
		if (status === "stopped" && exitstatus === "OK") {
			return;
		}
		if (status === "stopped") {
			throw new Error(`Proxmox could not ${action} VM ${vmId}: ${exitstatus}`);
		}
	}
	throw new Error(`The ${action} of VM ${vmId} did not end within ${timeoutSeconds} s.`);
}

interface TaskStatus {
	status: "running" | "stopped";
	exitstatus?: string;
}
