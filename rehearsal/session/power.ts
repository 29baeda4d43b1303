/** Power actions on a machine, and its deletion, through the Proxmox API. */
import type { MachineAccess } from "./proxmox-api.ts";
import { runTask } from "./task.ts";

export type PowerAction = "start" | "stop" | "reboot";

/** The token needs VM.PowerMgmt and VM.Audit. */
export interface PowerRequest extends MachineAccess {
	/** `stop` cuts the power without asking the guest. `reboot` asks it to power off, and starts it again. */
	action: PowerAction;
}

/** Resolves when the action has ended. A started machine may still be booting. */
export async function changePower({ action, ...access }: PowerRequest): Promise<void> {
	await runTask(access, "POST", `qemu/${access.vmId}/status/${action}`, action);
}

/** Deletes a machine with its disks, as an administrator does by hand. */
export async function deleteMachine(access: MachineAccess): Promise<void> {
	await changePower({ ...access, action: "stop" });
	await runTask(access, "DELETE", `qemu/${access.vmId}`, "delete");
}
