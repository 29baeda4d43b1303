/** What a node must be reached on, and by whom: https://docs.rke2.io/install/requirements#inbound-network-rules */
import { createHash } from "node:crypto";
import { takesAnyPod } from "../../src/config/derived/node-taints.ts";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { metricsNodePorts } from "../../src/facts/add-ons.ts";
import { apiPort, registrationPort } from "../../src/facts/network.ts";
import { speakerMetricsPort } from "../platform/metallb/network-policies.ts";
import { scrapingNamespaces } from "../platform/network-policies/metrics.ts";
import { containerPorts } from "../platform/traefik/values.ts";

export interface AddressSet {
	/** Ends in a digest of its addresses: a set that changes is another set, made before the rules leave the old one. */
	name: string;
	comment: string;
	addresses: string[];
}

export interface FirewallRule {
	proto: "tcp" | "udp" | "vrrp";
	/** Port, range `first:last`, or a list of them with commas; VRRP has none. */
	dport?: string;
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
export function firewallRules(stack: StackConfig, name: string): FirewallRules {
	const servers = addressSet("rke2-servers", "control planes", addressesOf(stack, "control-plane"));
	const nodes = addressSet("rke2-nodes", "nodes of the cluster", addressesOf(stack));
	const node = stack.nodes[name];
	const isServer = node?.role === "control-plane";
	return {
		sets: isServer ? [servers, nodes] : [nodes],
		rules: [
			...rulesOfEveryNode(stack, member(nodes)),
			...(isServer ? rulesOfServers(stack, member(nodes), member(servers)) : []),
			// Traefik's DaemonSet tolerates no taint.
			...(node && takesAnyPod(node) ? rulesOfIngress(stack, member(nodes)) : []),
			...rulesOfStackFile(stack),
		].filter(({ source }) => source !== ""),
	};
}

function rulesOfEveryNode({ cluster, platform, proxmox }: StackConfig, nodes: string): FirewallRule[] {
	const { adminCidrs, nodePortCidrs } = proxmox.firewall;
	const scraped = Object.values(platform.namespaces).some(({ metricsPorts }) => metricsPorts.length > 0);
	return [
		{ proto: "tcp", dport: "22", source: adminCidrs.join(","), comment: "SSH" },
		{ proto: "tcp", dport: "10250", source: nodes, comment: "kubelet" },
		// Whom it answers is decided by RBAC: it takes no anonymous request.
		{ proto: "tcp", dport: "10250", source: platform.scrapers.join(","), comment: "metrics of the kubelet" },
		{
			proto: "tcp",
			dport: String(speakerMetricsPort),
			source: platform.scrapers.join(","),
			comment: "metrics of MetalLB's speakers",
		},
		{
			proto: "tcp",
			dport: String(speakerMetricsPort),
			// A pod comes to a node from the address of its own.
			source: scrapingNamespaces(platform).length > 0 ? nodes : "",
			comment: "metrics of MetalLB's speakers for namespaces that scrape",
		},
		{
			proto: "tcp",
			dport: metricsNodePorts.join(","),
			source: platform.scrapers.join(","),
			comment: "metrics of the platform",
		},
		{ proto: "tcp", dport: "9099", source: nodes, comment: "health of Canal" },
		cluster.canal.backend === "wireguard"
			? { proto: "udp", dport: "51820", source: nodes, comment: "Canal over WireGuard" }
			: { proto: "udp", dport: "8472", source: nodes, comment: "Canal over VXLAN" },
		{
			proto: "tcp",
			dport: "30000:32767",
			// Pods are scraped at NodePorts.
			source: [...nodePortCidrs, ...(scraped ? platform.scrapers : [])].join(","),
			comment: "NodePorts",
		},
		...(platform.metallb?.announce
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
		{ proto: "tcp", dport: `${apiPort}`, source: nodes, comment: "Kubernetes API" },
		{ proto: "tcp", dport: `${apiPort}`, source: administrators, comment: "Kubernetes API for administrators" },
		{ proto: "tcp", dport: `${registrationPort}`, source: nodes, comment: "registration of nodes" },
		{ proto: "tcp", dport: "2379:2381", source: servers, comment: "etcd" },
		{
			proto: "tcp",
			dport: `${apiPort},${registrationPort}`,
			source: balancers(cluster).join(","),
			comment: "load balancer",
		},
		...(cluster.api.mode === "keepalived" ? [{ proto: "vrrp", source: servers, comment: "keepalived" } as const] : []),
		...(cluster.etcdMetrics
			? [platform.scrapers.join(","), scrapingNamespaces(platform).length > 0 ? nodes : ""].map(
					(source): FirewallRule => ({ proto: "tcp", dport: "2381", source, comment: "metrics of etcd" }),
				)
			: []),
	];
}

/** What a load balancer in front of the API connects from: its own addresses, one where it has only the API's. */
function balancers({ api: { mode, address, balancerCidrs } }: StackConfig["cluster"]): string[] {
	if (mode !== "external") {
		return [];
	}
	return balancerCidrs ?? (address === undefined ? [] : [address]);
}

/** At the ports of Traefik's exposure, for clients and for the proxies in front of it. */
function rulesOfIngress({ platform: { scrapers, traefik }, proxmox }: StackConfig, nodes: string): FirewallRule[] {
	const clients = [...new Set([...proxmox.firewall.clientCidrs, ...traefik.trustedProxies])].join(",");
	// An address that MetalLB announces leads to the node with the ports unchanged.
	const ports = traefik.exposure === "nodePort" ? Object.values(traefik.nodePorts) : [80, 443];
	return [
		{ proto: "tcp", dport: ports.join(","), source: clients, comment: "ingress" },
		// Pods that ask for the cluster's own sites by their public names.
		{ proto: "tcp", dport: ports.join(","), source: nodes, comment: "ingress for pods" },
		// A port of the host whatever the exposure.
		{ proto: "tcp", dport: String(containerPorts.metrics), source: scrapers.join(","), comment: "metrics of Traefik" },
	];
}

function rulesOfStackFile({ proxmox }: StackConfig): FirewallRule[] {
	return proxmox.firewall.allow.map(({ cidrs, ports, protocol }) => ({
		proto: protocol === "UDP" ? "udp" : "tcp",
		dport: ports.join(","),
		source: cidrs.join(","),
		comment: "proxmox.firewall.allow",
	}));
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
