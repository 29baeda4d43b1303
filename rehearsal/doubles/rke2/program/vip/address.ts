import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { log, messageOf } from "../process/log.ts";

const run = promisify(execFile);

// A neighbour ignores a correction within a second of the last confirmation (arp(7), locktime): say it again later.
const ANNOUNCEMENTS = [0, 1_500];

/** Puts the virtual address on an interface and tells the segment where it is now. Idempotent. */
export async function addAddress(device: string, address: string): Promise<void> {
	await run("ip", ["address", "replace", `${address}/32`, "dev", device]);
	// Not waited for: the lease has to be renewed meanwhile.
	for (const delay of ANNOUNCEMENTS) {
		void sleep(delay)
			.then(() => announce(device))
			.catch((error: unknown) => log.warning(`announcing ${address} on ${device}: ${messageOf(error)}`));
	}
}

export async function removeAddress(device: string, address: string): Promise<void> {
	await run("ip", ["address", "delete", `${address}/32`, "dev", device]).catch((error: { stderr?: string }) => {
		// Nothing to remove is fine: the address is looked after at start as well.
		if (!/Address not found|Cannot assign requested address/.test(error.stderr ?? "")) {
			throw error;
		}
	});
}

/**
 * Gratuitous ARP: neighbours that remember the former holder correct themselves at once, not in up to a minute. The
 * kernel sends it for every address of an interface whose link-layer address is set while `arp_notify` is on
 * (ip-sysctl), even to the same value: Node has no raw sockets.
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
