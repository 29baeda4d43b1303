/** Rules across nodes: identity, addresses, placement, capacity. */
import { contains } from "../formats/addresses.ts";
import type { Problem } from "../read/problems.ts";
import { applyRules, eachEntry } from "../read/readable.ts";
import type { NodeConfig, StackConfig } from "../schema/stack.ts";
import { apiAddress, conflict, neighbours } from "./taken-addresses.ts";

export function checkNodes(stack: StackConfig): Problem[] {
	return applyRules(
		stack,
		uniqueBy("address", "address"),
		uniqueBy("vmId", "VM id"),
		uniqueBy("cmdbId", "inventory id"),
		addresses,
		controlPlaneCount,
		controlPlaneHosts,
		hosts,
		memory,
		cpus,
	);
}

function entries(stack: StackConfig): [string, NodeConfig][] {
	return Object.entries(stack.nodes);
}

function uniqueBy(property: "address" | "vmId" | "cmdbId", label: string): (stack: StackConfig) => Problem[] {
	return ({ nodes }) => {
		const owners = new Map<string | number, string>();
		return eachEntry(nodes, (name, node) => {
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
	};
}

function addresses(stack: StackConfig): Problem[] {
	const { cidr } = stack.network;
	const taken = [...neighbours(stack), ...apiAddress(stack)];
	return eachEntry(stack.nodes, (name, { address }) => {
		const message = contains(cidr, address) ? conflict(address, taken) : `${address} is outside network.cidr ${cidr}.`;
		return message ? [{ key: `nodes.${name}.address`, message }] : [];
	});
}

function controlPlanes(stack: StackConfig): [string, NodeConfig][] {
	return entries(stack).filter(([, node]) => node.role === "control-plane");
}

/** An even number of etcd members tolerates no more failures than one member fewer. */
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
	return eachEntry(stack.nodes, (name, { host }) =>
		Object.hasOwn(stack.proxmox.hosts, host)
			? []
			: [{ key: `nodes.${name}.host`, message: `${host} is not in proxmox.hosts; allowed: ${known.join(", ")}.` }],
	);
}

/** Proxmox never balloons the memory of a node, so a host must have the sum. */
function memory({ proxmox, nodes }: StackConfig): Problem[] {
	const byHost = Map.groupBy(Object.entries(nodes), ([, { host }]) => host);
	return eachEntry(proxmox.hosts, (host, { memoryGiB }) => {
		const placed = byHost.get(host) ?? [];
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

/** One VM only: all VMs of a host together may have more virtual CPUs than the host has threads. */
function cpus({ proxmox, nodes }: StackConfig): Problem[] {
	return eachEntry(nodes, (name, node) => {
		const threads = proxmox.hosts[node.host]?.cpus ?? node.cpus;
		if (node.cpus <= threads) {
			return [];
		}
		return [
			{
				key: `nodes.${name}.cpus`,
				message: `found ${node.cpus}, but ${node.host} has ${threads} threads (proxmox.hosts.${node.host}.cpus), and Proxmox starts no VM with more.`,
			},
		];
	});
}
