import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { log, messageOf } from "../process/log.ts";

const run = promisify(execFile);

// Milliseconds. A neighbour ignores a change within a second after the last confirmation (arp(7), locktime).
const announcementDelays = [0, 1_500];

/** Adds the virtual address to an interface and announces it in the segment. Idempotent. */
export async function addAddress(device: string, address: string): Promise<void> {
	await run("ip", ["address", "replace", `${address}/32`, "dev", device]);
	// Not awaited: the lease has to be renewed in the meantime.
	for (const delay of announcementDelays) {
		void sleep(delay)
			.then(() => announce(device))
			.catch((error: unknown) => log.warning(`announcing ${address} on ${device}: ${messageOf(error)}`));
	}
}

export async function removeAddress(device: string, address: string): Promise<void> {
	await run("ip", ["address", "delete", `${address}/32`, "dev", device]).catch((error: { stderr?: string }) => {
		// No error when the address is absent: it is also removed at the start.
		if (!/Address not found|Cannot assign requested address/.test(error.stderr ?? "")) {
			throw error;
		}
	});
}

/**
 * Sends gratuitous ARP, so that neighbours replace the former holder at once instead of within a minute. Node has no raw
 * sockets, but the kernel sends it for every address of an interface when the link-layer address is set, also to the same
 * value, while `arp_notify` is on (ip-sysctl).
 */
async function announce(device: string): Promise<void> {
	writeFileSync(`/proc/sys/net/ipv4/conf/${device}/arp_notify`, "1");
	const linkAddress = networkInterfaces()[device]?.[0]?.mac;
	if (linkAddress === undefined) {
		throw new Error("no such interface");
	}
	await run("ip", ["link", "set", "dev", device, "address", linkAddress]);
}

/** The interface of the default route. */
export async function defaultDevice(): Promise<string> {
	const { stdout } = await run("ip", ["-4", "-json", "route", "show", "default"]);
	const device = (JSON.parse(stdout || "[]") as { dev?: string }[])[0]?.dev;
	if (device === undefined) {
		throw new Error("no default route, and kube-vip's vip_interface names no interface");
	}
	return device;
}
