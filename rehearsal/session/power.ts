/** The power button of a machine, pressed as an administrator does it: through the Proxmox API. */
import { setTimeout as sleep } from "node:timers/promises";

export type PowerAction = "start" | "stop" | "reboot";

export interface PowerRequest {
	/** URL of the Proxmox API. */
	endpoint: string;
	/** `user@realm!name=uuid`, with VM.PowerMgmt and VM.Audit. */
	apiToken: string;
	host: string;
	vmId: number;
	/** `stop` cuts the power; the guest is not asked. `reboot` asks it to power off, and starts it again. */
	action: PowerAction;
}

const patienceSeconds = 120;

/** Resolves when the action is done. A machine that was started may still be booting. */
export async function pressPower({ endpoint, apiToken, host, vmId, action }: PowerRequest): Promise<void> {
	const base = new URL(`/api2/json/nodes/${host}/`, endpoint);
	const call = async (path: string, method: "GET" | "POST"): Promise<unknown> => {
		const response = await fetch(new URL(path, base), {
			method,
			headers: { Authorization: `PVEAPIToken=${apiToken}` },
		});
		if (!response.ok) {
			throw new Error(`Proxmox refused to ${action} VM ${vmId}: ${response.status} ${response.statusText}`);
		}
		return ((await response.json()) as { data: unknown }).data;
	};
	const task = encodeURIComponent(String(await call(`qemu/${vmId}/status/${action}`, "POST")));
	for (const end = Date.now() + patienceSeconds * 1000; Date.now() < end; await sleep(100)) {
		const { status, exitstatus } = (await call(`tasks/${task}/status`, "GET")) as TaskStatus;
		if (status === "stopped" && exitstatus === "OK") {
			return;
		}
		if (status === "stopped") {
			throw new Error(`Proxmox could not ${action} VM ${vmId}: ${exitstatus}`);
		}
	}
	throw new Error(`VM ${vmId} has not done its ${action} after ${patienceSeconds} s.`);
}

interface TaskStatus {
	status: "running" | "stopped";
	exitstatus?: string;
}
