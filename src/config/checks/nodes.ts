/** Rules across the machines: identity, addresses, placement, capacity. */
import { bounds, contains } from "../addresses.ts";
import type { Problem } from "../problems.ts";
import type { NodeConfig, StackConfig } from "../schema.ts";

export function checkNodes(stack: StackConfig): Problem[] {
	return [
		...uniqueBy(stack, "address", "address"),
		...uniqueBy(stack, "vmId", "VM id"),
		...uniqueBy(stack, "cmdbId", "inventory id"),
		...addresses(stack),
		...controlPlaneCount(stack),
		...controlPlaneHosts(stack),
		...hosts(stack),
		...memory(stack),
	];
}

function entries(stack: StackConfig): [string, NodeConfig][] {
	return Object.entries(stack.nodes);
}

function uniqueBy(stack: StackConfig, property: "address" | "vmId" | "cmdbId", label: string): Problem[] {
	const owners = new Map<string | number, string>();
	return entries(stack).flatMap(([name, node]) => {
		const value = node[property];
		if (value === undefined) {
			return [];
		}
		const owner = owners.get(value);
		if (owner === undefined) {
			owners.set(value, name);
			return [];
		}
		return [{ key: `nodes.${name}.${property}`, message: `the ${label} ${value} already belongs to ${owner}.` }];
	});
}

function addresses({ network, cluster, nodes }: StackConfig): Problem[] {
	const { first, last } = bounds(network.cidr);
	return Object.entries(nodes).flatMap(([name, { address }]) => {
		const key = `nodes.${name}.address`;
		if (!contains(network.cidr, address)) {
			return [{ key, message: `${address} is outside network.cidr ${network.cidr}.` }];
		}
		if (address === network.gateway) {
			return [{ key, message: `${address} is the gateway (network.gateway).` }];
		}
		if (address === cluster.api.address) {
			return [{ key, message: `${address} is the address of the API (cluster.api.address).` }];
		}
		if (address === first || address === last) {
			return [{ key, message: `${address} is the network or broadcast address of ${network.cidr}.` }];
		}
		return [];
	});
}

function controlPlanes(stack: StackConfig): [string, NodeConfig][] {
	return entries(stack).filter(([, node]) => node.role === "control-plane");
}

/** An even number of etcd members tolerates no more failures than one fewer, and splits evenly. */
function controlPlaneCount(stack: StackConfig): Problem[] {
	const count = controlPlanes(stack).length;
	if (count % 2 === 1) {
		return [];
	}
	return [{ key: "nodes", message: `found ${count} control planes; etcd needs an odd number (1, 3, 5 or 7).` }];
}

function controlPlaneHosts(stack: StackConfig): Problem[] {
	const available = Object.keys(stack.proxmox.hosts);
	const owners = new Map<string, string>();
	const taken = new Set(controlPlanes(stack).map(([, node]) => node.host));
	const free = available.filter((host) => !taken.has(host));
	return controlPlanes(stack).flatMap(([name, { host }]) => {
		const owner = owners.get(host);
		owners.set(host, owner ?? name);
		if (owner === undefined || free.length === 0) {
			return [];
		}
		return [
			{
				key: `nodes.${name}.host`,
				message: `${host} already runs the control plane ${owner}; hosts without one: ${free.join(", ")}.`,
			},
		];
	});
}

function hosts(stack: StackConfig): Problem[] {
	const known = Object.keys(stack.proxmox.hosts);
	return entries(stack)
		.filter(([, { host }]) => !known.includes(host))
		.map(([name, { host }]) => ({
			key: `nodes.${name}.host`,
			message: `${host} is not in proxmox.hosts; allowed: ${known.join(", ")}.`,
		}));
}

/** Node memory is never ballooned, so a host must hold the sum. Virtual CPUs may be overcommitted. */
function memory({ proxmox, nodes }: StackConfig): Problem[] {
	return Object.entries(proxmox.hosts).flatMap(([host, { memoryGiB }]) => {
		const placed = Object.entries(nodes).filter(([, node]) => node.host === host);
		const sum = placed.reduce((total, [, node]) => total + node.memoryGiB, 0);
		if (sum <= memoryGiB) {
			return [];
		}
		const names = placed.map(([name]) => name).join(", ");
		return [
			{ key: `proxmox.hosts.${host}.memoryGiB`, message: `${names} need ${sum} GiB, the host has ${memoryGiB}.` },
		];
	});
}
