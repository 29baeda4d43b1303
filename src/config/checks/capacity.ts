/** Warnings about hosts with more machines than they run well. */
import type { Problem } from "../read/problems.ts";
import type { NodeConfig, StackConfig } from "../schema/stack.ts";

/** GiB that Proxmox itself needs: https://pve.proxmox.com/wiki/System_Requirements */
const proxmoxMemoryGiB = 2;

interface Placement {
	host: string;
	capacity: StackConfig["proxmox"]["hosts"][string];
	nodes: [string, NodeConfig][];
}

/** A host with too little memory, or a VM with more CPUs than its host, is a mistake that another check reports. */
export function capacityWarnings({ proxmox, nodes }: StackConfig): Problem[] {
	const byHost = Map.groupBy(Object.entries(nodes), ([, { host }]) => host);
	return Object.entries(proxmox.hosts)
		.map(([host, capacity]): Placement => {
			return { host, capacity, nodes: byHost.get(host) ?? [] };
		})
		.flatMap((placement) => [
			...cpus(placement),
			...memory(placement),
			...disk(placement, proxmox.dataDatastore === undefined),
		]);
}

function cpus({ host, capacity, nodes }: Placement): Problem[] {
	const wanted = sum(nodes, (node) => node.cpus);
	if (wanted <= capacity.cpus) {
		return [];
	}
	return [
		{
			key: `proxmox.hosts.${host}.cpus`,
			message: `${names(nodes)} together: ${wanted} virtual CPUs on ${capacity.cpus} threads: under load each gets ${percent(capacity.cpus, wanted)} of its own.`,
		},
	];
}

function memory({ host, capacity, nodes }: Placement): Problem[] {
	const wanted = sum(nodes, (node) => node.memoryGiB);
	const left = capacity.memoryGiB - wanted;
	if (left < 0 || left >= proxmoxMemoryGiB) {
		return [];
	}
	return [
		{
			key: `proxmox.hosts.${host}.memoryGiB`,
			message: `${names(nodes)} take ${wanted} of ${capacity.memoryGiB} GiB and leave ${left} for Proxmox, which needs ${proxmoxMemoryGiB}: the host has no room for another machine, and kills one of these when its memory is full.`,
		},
	];
}

/** @param includesData whether the data disks are in the same storage */
function disk({ host, capacity, nodes }: Placement, includesData: boolean): Problem[] {
	const wanted = sum(nodes, (node) => node.diskGiB + (includesData ? (node.dataDiskGiB ?? 0) : 0));
	if (capacity.diskGiB === undefined || wanted <= capacity.diskGiB) {
		return [];
	}
	return [
		{
			key: `proxmox.hosts.${host}.diskGiB`,
			message: `the disks of ${names(nodes)} may take ${wanted} of ${capacity.diskGiB} GiB: they are thin volumes, and every VM on the storage stops when it is full; make disks smaller or the storage larger.`,
		},
	];
}

function sum(nodes: Placement["nodes"], value: (node: NodeConfig) => number): number {
	return nodes.reduce((total, [, node]) => total + value(node), 0);
}

function names(nodes: Placement["nodes"]): string {
	return nodes.map(([name]) => name).join(", ");
}

function percent(part: number, whole: number): string {
	return `${Math.floor((100 * part) / whole)} %`;
}
