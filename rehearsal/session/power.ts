/** The power button of a machine, pressed as an administrator does it: through the Proxmox API. */
import { setTimeout } from "node:timers/promises";

export type PowerAction = "start" | "stop";

export interface PowerRequest {
	/** URL of the Proxmox API. */
	endpoint: string;
	/** `user@realm!name=uuid`, with VM.PowerMgmt and VM.Audit. */
	apiToken: string;
	host: string;
	vmId: number;
	/** `stop` cuts the power; the guest is not asked. */
	action: PowerAction;
}

const patienceSeconds = 60;

/** Resolves when the machine runs, or does not run any more. A machine that runs may still be booting. */
export async function pressPower({ endpoint, apiToken, host, vmId, action }: PowerRequest): Promise<void> {
	const base = new URL(`/api2/json/nodes/${host}/qemu/${vmId}/status/`, endpoint);
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
	await call(action, "POST");
	const wanted = action === "start" ? "running" : "stopped";
	for (const end = Date.now() + patienceSeconds * 1000; Date.now() < end; await setTimeout(100)) {
		if (((await call("current", "GET")) as { status: string }).status === wanted) {
			return;
		}
	}
	throw new Error(`VM ${vmId} is not ${wanted} ${patienceSeconds} s after it was asked to ${action}.`);
}
