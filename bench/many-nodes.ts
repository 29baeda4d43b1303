/** The lab's stack file with many more nodes, on as many hosts as they need. */
import { labValues } from "../test/fixtures/lab.ts";

type Section = Readonly<Record<string, object>>;

/** @returns the plain values by key, without the project's name */
export function valuesWithNodes(count: number, hosts = Math.ceil(count / 4)): Record<string, unknown> {
	const lab = labValues({
		cluster: { api: { address: "10.160.255.3" }, podCidr: "10.64.0.0/13", serviceCidr: "10.43.0.0/16" },
		network: { cidr: "10.160.0.0/16", gateway: "10.160.255.1", nameservers: ["10.160.255.2"] },
		gpus: null,
	}) as Record<string, Section>;
	return {
		...lab,
		proxmox: { ...lab.proxmox, hosts: numbered("host", hosts, () => ({ cpus: 64, memoryGiB: 512, diskGiB: 4000 })) },
		nodes: numbered("node", count, (index) => ({
			role: index < 3 ? "control-plane" : "worker",
			host: `host${index % hosts}`,
			vmId: 1000 + index,
			address: `10.160.${Math.floor(index / 250)}.${2 + (index % 250)}`,
			...{ cpus: 8, memoryGiB: 32, diskGiB: 100 },
			labels: { rack: `row-${index}` },
			taints: index % 3 === 0 ? ["lab.internal/reserved=yes:NoSchedule"] : [],
		})),
	};
}

function numbered<T>(name: string, count: number, make: (index: number) => T): Record<string, T> {
	return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}${index}`, make(index)]));
}
