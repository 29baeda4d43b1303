import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { log, messageOf } from "../process/log.ts";

const run = promisify(execFile);

/** Puts the virtual address on an interface and tells the segment where it is now. Idempotent. */
export async function addAddress(device: string, address: string): Promise<void> {
	await run("ip", ["address", "replace", `${address}/32`, "dev", device]);
	// Not waited for: the lease has to be renewed meanwhile.
	void announce(device, address);
}

export async function removeAddress(device: string, address: string): Promise<void> {
	await run("ip", ["address", "delete", `${address}/32`, "dev", device]).catch((error: { stderr?: string }) => {
		// Nothing to remove is fine: the address is looked after at start as well.
		if (!/Address not found|Cannot assign requested address/.test(error.stderr ?? "")) throw error;
	});
}

/** Gratuitous ARP: neighbours that remember the former holder correct themselves at once. */
async function announce(device: string, address: string): Promise<void> {
	try {
		await run("arping", ["-q", "-A", "-c", "2", "-w", "2", "-I", device, address]);
	} catch (error) {
		log.warning(`announcing ${address} on ${device}: ${messageOf(error)}`);
	}
}

/** The interface of the default route. */
export async function defaultDevice(): Promise<string> {
	const { stdout } = await run("ip", ["-4", "-json", "route", "show", "default"]);
	const device = (JSON.parse(stdout || "[]") as { dev?: string }[])[0]?.dev;
	if (device === undefined) throw new Error("no default route, and kube-vip's vip_interface names no interface");
	return device;
}
