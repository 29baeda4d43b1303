/** What a node must be reached on, and by whom: https://docs.rke2.io/install/requirements#inbound-network-rules */
import { createHash } from "node:crypto";
import type { StackConfig } from "../../src/config/schema.ts";

export interface AddressSet {
	/** Ends in a digest of its addresses: a set that changes is another set, made before the rules leave the old one. */
	name: string;
	comment: string;
	addresses: string[];
}

export interface FirewallRule {
	proto: "tcp" | "udp";
	/** Port, range `first:last`, or a list of them with commas. */
	dport: string;
	/** `+guest/<set>`, or networks with commas. */
	source: string;
	comment: string;
}

export interface FirewallRules {
	sets: AddressSet[];
	/** Whatever none of them accepts is dropped on its way in. */
	rules: FirewallRule[];
}

/** The rules in front of one node; only networks that are named in the stack file get a rule. */
export function firewallRules(stack: StackConfig, node: string): FirewallRules {
	const servers = addressSet("rke2-servers", "control planes", addressesOf(stack, "control-plane"));
	const nodes = addressSet("rke2-nodes", "nodes of the cluster", addressesOf(stack));
	const isServer = stack.nodes[node]?.role === "control-plane";
	return {
		sets: isServer ? [servers, nodes] : [nodes],
		rules: [
			...rulesOfEveryNode(stack, member(nodes)),
			...(isServer ? rulesOfServers(stack, member(nodes), member(servers)) : rulesOfWorkers(stack)),
		].filter(({ source }) => source !== ""),
	};
}

function rulesOfEveryNode({ cluster, platform, proxmox }: StackConfig, nodes: string): FirewallRule[] {
	const { adminCidrs, nodePortCidrs } = proxmox.firewall;
	return [
		{ proto: "tcp", dport: "22", source: adminCidrs.join(","), comment: "SSH" },
		{ proto: "tcp", dport: "10250", source: nodes, comment: "kubelet" },
		{ proto: "tcp", dport: "9099", source: nodes, comment: "health of Canal" },
		cluster.canal.backend === "wireguard"
			? { proto: "udp", dport: "51820", source: nodes, comment: "Canal over WireGuard" }
			: { proto: "udp", dport: "8472", source: nodes, comment: "Canal over VXLAN" },
		{
			proto: "tcp",
			dport: "30000:32767",
			source: [...nodePortCidrs, ...platform.scrapers].join(","),
			comment: "NodePorts",
		},
		...(platform.metallb.announce
			? (["tcp", "udp"] as const).map((proto): FirewallRule => {
					// Speakers that do not hear each other all announce the same address.
					return { proto, dport: "7946", source: nodes, comment: "MetalLB speakers" };
				})
			: []),
	];
}

function rulesOfServers({ cluster, platform, proxmox }: StackConfig, nodes: string, servers: string): FirewallRule[] {
	const administrators = proxmox.firewall.adminCidrs.join(",");
	return [
		{ proto: "tcp", dport: "6443", source: nodes, comment: "Kubernetes API" },
		{ proto: "tcp", dport: "6443", source: administrators, comment: "Kubernetes API for administrators" },
		{ proto: "tcp", dport: "9345", source: nodes, comment: "registration of nodes" },
		{ proto: "tcp", dport: "2379:2381", source: servers, comment: "etcd" },
		...(cluster.etcdMetrics
			? [{ proto: "tcp", dport: "2381", source: platform.scrapers.join(","), comment: "metrics of etcd" } as const]
			: []),
	];
}

function rulesOfWorkers({ proxmox }: StackConfig): FirewallRule[] {
	return [{ proto: "tcp", dport: "80,443", source: proxmox.firewall.clientCidrs.join(","), comment: "ingress" }];
}

function addressesOf({ nodes }: StackConfig, role?: string): string[] {
	return Object.values(nodes)
		.filter((node) => role === undefined || node.role === role)
		.map(({ address }) => address)
		.sort();
}

function addressSet(prefix: string, comment: string, addresses: string[]): AddressSet {
	const digest = createHash("sha256").update(addresses.join()).digest("hex").slice(0, 8);
	return { name: `${prefix}-${digest}`, comment, addresses };
}

function member({ name }: AddressSet): string {
	return `+guest/${name}`;
}
