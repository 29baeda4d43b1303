import type { StackConfig } from "../config/schema/stack.ts";
import type { ProxmoxApi } from "../proxmox/api.ts";
import type { Surroundings } from "./surroundings.ts";

/** What the checks examine. */
export interface Subject {
	/** Path of the stack file, for commands in findings. */
	file: string;
	stack: StackConfig;
	/** A connection that was tried. */
	api: ProxmoxApi;
	surroundings: Surroundings;
	/** Hosts of the stack file that answer, and that Proxmox knows. */
	hosts: readonly string[];
	/** Every VM and container of Proxmox that the token may see. */
	guests: readonly Guest[];
}

/** An entry of `/cluster/resources?type=vm`. */
export interface Guest {
	vmid: number;
	name?: string;
	/** Host. */
	node: string;
	status: string;
	/** Bytes of memory. */
	maxmem?: number;
	/** Separated by semicolons. */
	tags?: string;
}

/** Names of the nodes whose VM an earlier `up` made. */
export function existingNodes({ stack, guests }: Pick<Subject, "stack" | "guests">): Set<string> {
	return new Set(
		Object.entries(stack.nodes)
			.filter(([name, { vmId }]) => guests.some((guest) => guest.vmid === vmId && isOwn(guest, name, stack)))
			.map(([name]) => name),
	);
}

/** By the name and the tag that components/proxmox/virtual-machine.ts gives it. */
function isOwn(guest: Guest, node: string, { cluster }: StackConfig): boolean {
	return guest.name === node && (guest.tags ?? "").split(";").includes(cluster.name.toLowerCase());
}

/** Hosts that run nodes and answer, with the names of their nodes. */
export function placements({ stack, hosts }: Pick<Subject, "stack" | "hosts">): [host: string, nodes: string[]][] {
	return hosts
		.map((host): [string, string[]] => [
			host,
			Object.keys(stack.nodes).filter((name) => stack.nodes[name]?.host === host),
		])
		.filter(([, nodes]) => nodes.length > 0);
}
