/** What the VMs of a stack take on each Proxmox host. */
import { dataDatastore } from "../../src/config/derived/storage.ts";
import type { NodeConfig, StackConfig } from "../../src/config/schema/stack.ts";
import type { RecordedHost, Usage } from "./recording.ts";

export function hostsOf(stack: StackConfig): RecordedHost[] {
	const { proxmox, nodes } = stack;
	const sharesStorage = dataDatastore(stack) === proxmox.vmDatastore;
	return Object.entries(proxmox.hosts).map(([name, { cpus, memoryGiB, diskGiB }]) => {
		const own = Object.values(nodes).filter(({ host }) => host === name);
		const sum = (value: (node: NodeConfig) => number) => own.reduce((total, node) => total + value(node), 0);
		return {
			name,
			cpus: usage(
				sum((node) => node.cpus),
				cpus,
			),
			memoryGiB: usage(
				sum((node) => node.memoryGiB),
				memoryGiB,
			),
			diskGiB: usage(
				sum((node) => node.diskGiB + (sharesStorage ? (node.dataDiskGiB ?? 0) : 0)),
				diskGiB,
			),
		};
	});
}

function usage(used: number, of: number | undefined): Usage {
	return of === undefined ? { used } : { used, of };
}
