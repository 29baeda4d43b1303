import type { StackConfig } from "../../config/schema/stack.ts";
import type { ProxmoxApi } from "../../proxmox/api.ts";
import { type Finding, findingsAbout } from "../finding.ts";
import { existingNodes, type Guest, placements, type Subject } from "../subject.ts";

const { mistake, warning } = findingsAbout("hosts");
const GiB = 2 ** 30;

interface Host {
	node: string;
	status: string;
	/** Only for a token that may audit the host. */
	maxcpu?: number;
	maxmem?: number;
}

/** @returns findings, and the hosts of the stack file that answer */
export async function checkHosts(
	{ proxmox }: StackConfig,
	api: ProxmoxApi,
): Promise<{ findings: Finding[]; hosts: string[] }> {
	const all = await api.get<Host[]>("/nodes");
	const known = all.map(({ node }) => node).sort();
	const hosts: string[] = [];
	const findings = Object.entries(proxmox.hosts).flatMap(([name, { cpus }]) => {
		const host = all.find(({ node }) => node === name);
		if (!host) {
			return [
				mistake(
					`proxmox.hosts.${name} is not a host of this Proxmox cluster`,
					`use the names that Proxmox has: ${known.join(", ")}`,
				),
			];
		}
		if (host.status !== "online") {
			return [
				mistake(`proxmox.hosts.${name} is ${host.status}`, "start the host, or repair its connection to the others"),
			];
		}
		hosts.push(name);
		return host.maxcpu !== undefined && host.maxcpu < cpus
			? [
					mistake(
						`proxmox.hosts.${name}.cpus is ${cpus}, and the host has ${host.maxcpu} threads`,
						"set the number of threads of the host",
					),
				]
			: [];
	});
	return { findings, hosts };
}

/**
 * Memory that other VMs may leave on each host. It is a warning: another VM may take less than its memory, and `memoryGiB` may be
 * the share of the cluster only.
 */
export function checkRoom(subject: Subject): Finding[] {
	const { stack, guests } = subject;
	const own = existingNodes(subject);
	return placements(subject).flatMap(([host, nodes]) => {
		const { memoryGiB } = stack.proxmox.hosts[host]!;
		const others = guests.filter((guest) => isRunningOn(host, guest) && !isNode(guest));
		const taken = others.reduce((sum, { maxmem = 0 }) => sum + maxmem, 0) / GiB;
		const wanted = nodes.reduce((sum, name) => sum + stack.nodes[name]!.memoryGiB, 0);
		return taken + wanted <= memoryGiB || others.length === 0
			? []
			: [
					warning(
						`proxmox.hosts.${host}: the nodes need ${wanted} GiB of memory, and running VMs (${others.map(({ vmid }) => vmid).join(", ")}) may use ${Math.ceil(taken)} of its ${memoryGiB} GiB`,
						"make the nodes smaller, move one to another host, or stop VMs there",
					),
				];
	});

	function isNode({ vmid }: Guest): boolean {
		return [...own].some((name) => stack.nodes[name]?.vmId === vmid);
	}
}

function isRunningOn(host: string, { node, status }: Guest): boolean {
	return node === host && status === "running";
}
