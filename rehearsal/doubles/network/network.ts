/** The datacenter's network: one network namespace, a bridge for each Proxmox bridge and VLAN tag, and no way out. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import type { Run } from "../../datacenter/run.ts";
import { type Command, execute } from "../../setup/command.ts";

/** An address that the datacenter itself answers on: a gateway, the Proxmox API. */
interface DatacenterAddress {
	/** Proxmox bridge, e.g. `vmbr1`. */
	bridge: string;
	/** VLAN tag; absent means untagged. */
	tag?: number;
	/** `10.25.20.1/24` */
	cidr: string;
}

export interface Network {
	/** The command that runs another one inside the network; harmless when already there. */
	enter(command: Command): Command;
	/** The same for what looks up names: it asks the datacenter's name servers instead of this machine's. */
	enterWithNames(command: Command): Command;
	/** Name of the Linux bridge for a Proxmox bridge and tag, made when nobody asked for it before. */
	bridge(proxmoxBridge: string, tag?: number): Promise<string>;
}

/**
 * Makes the network namespace and the datacenter's addresses in it.
 *
 * @param nameservers addresses that answer for names; none where nothing looks any up
 * @throws Error when a network of that name exists: another rehearsal runs, or one crashed and was not destroyed.
 */
export async function createNetwork(
	run: Run,
	addresses: DatacenterAddress[],
	nameservers: string[] = [],
): Promise<Network> {
	if (existsSync(run.network)) {
		throw new Error(
			`The network namespace ${namespaceName(run)} exists: the rehearsal "${run.name}" is running or was not taken down. Take it down first.`,
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

/** The network of a run that has one already. */
export function openNetwork(run: Run): Network {
	const bridges = new Map<string, Promise<string>>();
	// Not `ip netns exec`: it mounts /sys anew, and systemd-nspawn then refuses with "No medium found".
	const enter = ([program, ...parameters]: Command): Command => [
		"nsenter",
		`--net=${run.network}`,
		"--",
		program,
		...parameters,
	];
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

/** Removes the namespace and with it every bridge. One that does not exist is ignored. */
export async function deleteNetwork(run: Run): Promise<void> {
	if (existsSync(run.network)) {
		await execute(["ip", "netns", "delete", namespaceName(run)]);
	}
	await rm(resolverDirectory(run), { recursive: true, force: true });
}

/** `ip netns exec` puts each of these files in the place of that of the same name in /etc. */
async function writeResolver(run: Run, nameservers: string[]): Promise<void> {
	const directory = resolverDirectory(run);
	await mkdir(directory, { recursive: true });
	await writeFile(`${directory}/resolv.conf`, nameservers.map((address) => `nameserver ${address}\n`).join(""));
	// Whatever else this machine asks, such as a resolver of its own, knows other names.
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
	const ip = (...parameters: string[]) => execute(enter(["ip", ...parameters]));
	const links: { ifname: string }[] = JSON.parse(await ip("-json", "link", "show", "type", "bridge"));
	if (!links.some(({ ifname }) => ifname === name)) {
		// With an address of its own: otherwise it takes that of its lowest port, and changes it under the machines'
		// ARP caches whenever one is plugged in.
		await ip("link", "add", name, "address", macAddress(name), "type", "bridge", "forward_delay", "0");
	}
	await ip("link", "set", name, "up");
	return name;
}

/** Locally administered and the same each time. */
function macAddress(name: string): string {
	const digest = createHash("sha256").update(name).digest("hex").slice(0, 10);
	return ["02", ...(digest.match(/../g) ?? [])].join(":");
}
