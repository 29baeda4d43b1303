/**
 * Ports at which a node must be reached, and the sources that need them:
 * https://docs.rke2.io/install/requirements#inbound-network-rules
 */
import { createHash } from "node:crypto";
import { acceptsAnyPod } from "../../src/config/derived/node-taints.ts";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { metricsNodePorts } from "../../src/facts/add-ons.ts";
import { apiPort, registrationPort } from "../../src/facts/network.ts";
import { addressSets, ingressRules } from "../../src/facts/resource-names.ts";
import { speakerMetricsPort } from "../platform/metallb/network-policies.ts";
import { scrapingNamespaces } from "../platform/network-policies/metrics.ts";
import { containerPorts } from "../platform/traefik/values.ts";

type FirewallConfig = Pick<StackConfig, "cluster" | "nodes" | "platform" | "proxmox">;

export interface AddressSet {
	/** Ends in a digest of the addresses: a changed set has another name, and exists before the rules stop using the old one. */
	name: string;
	comment: string;
	addresses: string[];
}

export interface FirewallRule {
	proto: "tcp" | "udp" | "vrrp";
	/** Port, range `first:last`, or several of them with commas; VRRP has none. */
	dport?: string;
	/** `+guest/<set>`, or networks with commas. */
	source: string;
	comment: string;
}

export interface FirewallRules {
	sets: AddressSet[];
	/** The firewall drops every incoming packet that no rule accepts. */
	rules: FirewallRule[];
}

/** The rules of one node. Only networks that the stack file names have a rule. */
export function firewallRules(stack: FirewallConfig, name: string): FirewallRules {
	const servers = addressSet(addressSets.servers, "control planes", addressesOf(stack, "control-plane"));
	const nodes = addressSet(addressSets.nodes, "nodes of the cluster", addressesOf(stack));
	const node = stack.nodes[name];
	const isServer = node?.role === "control-plane";
	return {
		sets: isServer ? [servers, nodes] : [nodes],
		rules: [
			...rulesOfEveryNode(stack, member(nodes)),
			...(isServer ? rulesOfServers(stack, member(nodes), member(servers)) : []),
			// Traefik's DaemonSet tolerates no taint.
			...(node && acceptsAnyPod(node) ? rulesOfIngress(stack, member(nodes)) : []),
			...rulesOfStackFile(stack),
		].filter(({ source }) => source !== ""),
	};
}

function rulesOfEveryNode({ cluster, platform, proxmox }: FirewallConfig, nodes: string): FirewallRule[] {
	const { adminCidrs, nodePortCidrs } = proxmox.firewall;
	const scraped = Object.values(platform.namespaces).some(({ metricsPorts }) => metricsPorts.length > 0);
	return [
		{ proto: "tcp", dport: "22", source: adminCidrs.join(","), comment: "SSH" },
		{ proto: "tcp", dport: "10250", source: nodes, comment: "kubelet" },
		// RBAC decides which requests the kubelet answers. It accepts no anonymous one.
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
			// A pod's packets to another node have the address of the pod's own node.
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
			// Scrapers reach pods at NodePorts.
			source: [...nodePortCidrs, ...(scraped ? platform.scrapers : [])].join(","),
			comment: "NodePorts",
		},
		...(platform.metallb?.announce
			? (["tcp", "udp"] as const).map((proto): FirewallRule => {
					// Speakers that do not reach each other would all announce the same address.
					return { proto, dport: "7946", source: nodes, comment: "MetalLB speakers" };
				})
			: []),
	];
}

function rulesOfServers(
	{ cluster, platform, proxmox }: FirewallConfig,
	nodes: string,
	servers: string,
): FirewallRule[] {
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

/** Source addresses of a load balancer in front of the API: its own ones, or else the address of the API. */
function balancers({ api: { mode, address, balancerCidrs } }: StackConfig["cluster"]): string[] {
	if (mode !== "external") {
		return [];
	}
	return balancerCidrs ?? (address === undefined ? [] : [address]);
}

/** For clients and for the proxies in front of Traefik, at the ports of its exposure. */
function rulesOfIngress({ platform: { scrapers, traefik }, proxmox }: FirewallConfig, nodes: string): FirewallRule[] {
	const clients = [...new Set([...proxmox.firewall.clientCidrs, ...traefik.trustedProxies])].join(",");
	// An address that MetalLB announces leads to the node with the ports unchanged.
	const ports = traefik.exposure === "nodePort" ? Object.values(traefik.nodePorts) : [80, 443];
	return [
		{ proto: "tcp", dport: ports.join(","), source: clients, comment: ingressRules.clients },
		// For pods that request the cluster's own sites by their public names.
		{ proto: "tcp", dport: ports.join(","), source: nodes, comment: ingressRules.pods },
		// A port of the host in every exposure.
		{ proto: "tcp", dport: String(containerPorts.metrics), source: scrapers.join(","), comment: ingressRules.metrics },
	];
}

function rulesOfStackFile({ proxmox }: Pick<StackConfig, "proxmox">): FirewallRule[] {
	return proxmox.firewall.allow.map(({ cidrs, ports, protocol }) => ({
		proto: protocol === "UDP" ? "udp" : "tcp",
		dport: ports.join(","),
		source: cidrs.join(","),
		comment: "proxmox.firewall.allow",
	}));
}

function addressesOf({ nodes }: Pick<StackConfig, "nodes">, role?: string): string[] {
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
