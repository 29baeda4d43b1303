import { isAddress } from "../../../src/config/formats/addresses.ts";
import { type Network, networkOf, rangeOf } from "../../../src/config/formats/networks.ts";
import { paths } from "../../../src/rke2/paths.ts";
import { editFiles, serverNodes } from "../../lib/examples/nodes.ts";
import { type KubernetesObject, objectsOf, partOf } from "../../lib/kubernetes/objects.ts";
import { containersIn } from "../../lib/kubernetes/pods.ts";
import { clusterAddresses } from "../../lib/rke2/cluster-addresses.ts";
import { listOf, serverConfigOf } from "../../lib/rke2/files.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { serverConfigurations } from "../../lib/rules/subjects.ts";
import { machineOf } from "../../lib/vm/machines.ts";

/** By address, its owner. */
type Owners = ReadonlyMap<string, string>;

/**
 * A node, the virtual address of the API and MetalLB answer ARP for their addresses. One that belongs to the gateway or to a name server
 * takes its traffic, and that of every machine in the segment. The check of the stack file refuses such addresses; this policy looks at what
 * nodes and MetalLB get. A machine keeps the gateway of the day on which it was made.
 */
export const programOwnAddresses: StackRule = {
	name: "program-own-addresses",
	description:
		"No node, no virtual address of the API and no address of a load balancer is that of the gateway, a name server or Proxmox, and the virtual address is one of the API.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["12.2", "13.9"], iso27001: ["A.8.20", "A.8.22"], nist80053: ["SC-7", "CM-8"] },
	remediation:
		"Give `nodes.<name>.address`, `cluster.api.address` and `platform.metallb.pool` addresses that are free.",
	subject: serverConfigurations,
	examples: [
		{
			change: "the virtual address of the API is the gateway",
			apply: editFiles(serverNodes, /(- name: address\n\|\s+value: )\S+/, "$110.25.20.1"),
			sentence:
				"proj-k8sm01-converge announces 10.25.20.1 for the API, whose address is 10.25.20.29; announce cluster.api.address.",
		},
	],

	checkStack(resources, report) {
		const cluster = clusterAddresses(resources);
		if (!cluster) {
			return;
		}
		const neighbours = neighboursIn(resources, cluster.nameServers);
		const names = new Set<string>();
		for (const resource of resources) {
			const config = serverConfigOf(resource);
			const san = config ? listOf(config, "tls-san") : [];
			for (const address of san.filter(isAddress)) {
				names.add(address);
			}
			for (const address of config ? announcedBy(resource, config.nodeFiles) : []) {
				const allowed = cluster.joinedAt.length > 0 ? cluster.joinedAt : san;
				if (!allowed.includes(address)) {
					report(
						`${resource.name} announces ${address} for the API, whose address is ${allowed.join(" or ")}; announce cluster.api.address.`,
						resource,
					);
				}
				refuseTaken(address, "announces", neighbours, resource);
			}
			const machine = machineOf(resource);
			for (const { ipv4 } of machine?.initialization?.ipConfigs ?? []) {
				refuseTaken(ipv4?.address?.split("/")[0] ?? "", "has the address", neighbours, resource);
			}
		}
		const nodes: Owners = new Map(cluster.nodes.map((address) => [address, "a node"]));
		const announced = resources.some((resource) =>
			objectsOf(resource).some(({ kind }) => kind === "L2Advertisement" || kind === "BGPAdvertisement"),
		);
		const taken: Owners = announced
			? new Map([...neighbours, ...nodes, ...[...names].map((name) => [name, "the API"] as const)])
			: nodes;
		for (const resource of resources) {
			for (const pool of objectsOf(resource).filter(({ kind }) => kind === "IPAddressPool")) {
				refusePool(pool, taken, resource);
			}
		}

		function refuseTaken(address: string, verb: string, owners: Owners, culprit: Resource): void {
			const owner = owners.get(address);
			if (owner !== undefined) {
				report(`${culprit.name} ${verb} ${address}, which is ${owner}; take a free one.`, culprit);
			}
		}

		function refusePool(pool: KubernetesObject, owners: Owners, culprit: Resource): void {
			const ranges = partOf(pool, ["spec", "addresses"], ["string"]) ?? [];
			for (const range of ranges) {
				const network = range.includes("-") ? rangeOf(range) : networkOf(range);
				const found = [...owners].filter(([address]) => network && holds(network, address));
				if (found.length > 0) {
					const texts = found.map(([address, owner]) => `${address} (${owner})`).join(", ");
					report(`${pool.subject} has ${texts} in ${range}; take a range that is free.`, culprit);
				}
			}
		}
	},
};

/** Machines that no node may replace. The load balancer in front of an API may be one of them. */
function neighboursIn(resources: readonly Resource[], nameServers: readonly string[]): Owners {
	const gateways = resources.flatMap((resource) =>
		(machineOf(resource)?.initialization?.ipConfigs ?? []).flatMap(({ ipv4 }) => ipv4?.gateway ?? []),
	);
	const proxmox = resources.flatMap(({ type, props }) => {
		const endpoint = type === "pulumi:providers:proxmoxve" ? String(props.endpoint) : "";
		return URL.canParse(endpoint) ? [new URL(endpoint).hostname] : [];
	});
	return new Map([
		...proxmox.filter(isAddress).map((address) => [address, "Proxmox"] as const),
		...nameServers.map((address) => [address, "a name server"] as const),
		...gateways.map((address) => [address, "the gateway"] as const),
	]);
}

/** The addresses that kube-vip and keepalived of a server announce. */
function announcedBy(server: Resource, files: readonly { path: string; content: string }[]): string[] {
	const ofKubeVip = objectsOf(server)
		.filter(({ metadata }) => metadata.name === "kube-vip")
		.flatMap(containersIn)
		.flatMap(({ env = [] }) =>
			env.flatMap(({ name, value }) => (name === "address" && value !== undefined ? [value] : [])),
		);
	const ofKeepalived = files
		.filter(({ path }) => path === paths.keepalived)
		.flatMap(({ content }) => /virtual_ipaddress\s{0,8}\{([^}]{0,999})\}/.exec(content)?.[1] ?? [])
		.flatMap((block) => block.split("\n").flatMap((line) => line.trim().split(/[/ ]/, 1)[0] || []));
	return [...ofKubeVip, ...ofKeepalived];
}

function holds({ version, first, last }: Network, address: string): boolean {
	const one = networkOf(`${address}/${address.includes(":") ? 128 : 32}`);
	return one !== undefined && one.version === version && first <= one.first && one.last <= last;
}
