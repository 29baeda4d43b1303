/** The datacenter's network: one network namespace without a route out of it, and a bridge for each Proxmox bridge and VLAN tag. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import type { Run } from "../../run/run.ts";
import { type Command, execute } from "../../setup/command.ts";

/** An address of the datacenter itself, such as a gateway or the Proxmox API. */
interface DatacenterAddress {
	/** Proxmox bridge, e.g. `vmbr1`. */
	bridge: string;
	/** VLAN tag; absent means untagged. */
	tag?: number;
	/** `10.25.20.1/24` */
	cidr: string;
}

export interface Network {
	/** Wraps a command so that it runs in the network. A process that is already in the network may use it too. */
	enter(command: Command): Command;
	/** The same for a command that looks up names: it uses the datacenter's name servers. */
	enterWithNames(command: Command): Command;
	/** Name of the Linux bridge for a Proxmox bridge and tag. The first call creates the bridge. */
	bridge(proxmoxBridge: string, tag?: number): Promise<string>;
}

/**
 * Creates the network namespace and the datacenter's addresses in it.
 *
 * @param nameservers addresses of the name servers
 * @throws Error when a network of that name exists: another rehearsal runs, or a crashed one was not removed.
 */
export async function createNetwork(
	run: Run,
	addresses: DatacenterAddress[],
	nameservers: string[] = [],
): Promise<Network> {
	if (existsSync(run.network)) {
		throw new Error(
			`The network namespace ${namespaceName(run)} exists: the rehearsal "${run.name}" runs or was not removed. Remove it first.`,
		);
	}
	await execute(["ip", "netns", "add", namespaceName(run)]);
	await writeResolver(run, nameservers);
	const network = openNetwork(run);
	await execute(network.enter(["ip", "link", "set", "lo", "up"]));
	for (const { bridge, tag, cidr } of addresses) {
		await execute(network.enter(["ip", "address", "add", cidr, "dev", await network.bridge(bridge, tag)]));
	}
	return network;
}

/** Opens the network that a run has already. */
export function openNetwork(run: Run): Network {
	const bridges = new Map<string, Promise<string>>();
	// Not `ip netns exec`: it mounts another /sys, and systemd-nspawn then fails with "No medium found".
	const enter = ([program, ...args]: Command): Command => ["nsenter", `--net=${run.network}`, "--", program, ...args];
	return {
		enter,
		enterWithNames: (command) => ["ip", "netns", "exec", namespaceName(run), ...command],
		bridge(proxmoxBridge, tag) {
			const name = bridgeName(proxmoxBridge, tag);
			const bridge = bridges.get(name) ?? ensureBridge(enter, name);
			bridges.set(name, bridge);
			return bridge;
		},
	};
}

/** Removes the namespace with all its bridges. A namespace that does not exist is ignored. */
export async function deleteNetwork(run: Run): Promise<void> {
	if (existsSync(run.network)) {
		await execute(["ip", "netns", "delete", namespaceName(run)]);
	}
	await rm(resolverDirectory(run), { recursive: true, force: true });
}

/** `ip netns exec` mounts each of these files over the file of the same name in /etc. */
async function writeResolver(run: Run, nameservers: string[]): Promise<void> {
	const directory = resolverDirectory(run);
	await mkdir(directory, { recursive: true });
	await writeFile(`${directory}/resolv.conf`, nameservers.map((address) => `nameserver ${address}\n`).join(""));
	// Only these two sources: a resolver of this machine would answer with other names.
	await writeFile(`${directory}/nsswitch.conf`, "hosts: files dns\n");
}

function resolverDirectory(run: Run): string {
	return `/etc/netns/${namespaceName(run)}`;
}

function namespaceName(run: Run): string {
	return `rke2-${run.name}`;
}

/** As Proxmox itself names the bridge of a tag. */
function bridgeName(proxmoxBridge: string, tag?: number): string {
	return tag === undefined ? proxmoxBridge : `${proxmoxBridge}v${tag}`;
}

async function ensureBridge(enter: Network["enter"], name: string): Promise<string> {
	const ip = (...args: string[]) => execute(enter(["ip", ...args]));
	const links: { ifname: string }[] = JSON.parse(await ip("-json", "link", "show", "type", "bridge"));
	if (!links.some(({ ifname }) => ifname === name)) {
		// With a fixed MAC address: otherwise the bridge takes the address of its lowest port. That changes when a
		// machine is plugged in, and the machines' ARP caches are then wrong.
		await ip("link", "add", name, "address", macAddress(name), "type", "bridge", "forward_delay", "0");
	}
	await ip("link", "set", name, "up");
	return name;
}

/** A locally administered address that only depends on the name. */
function macAddress(name: string): string {
	const digest = createHash("sha256").update(name).digest("hex").slice(0, 10);
	return ["02", ...(digest.match(/../g) ?? [])].join(":");
}
