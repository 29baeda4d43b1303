/**
 * Vocabulary of the NetworkPolicies: the plain data of networking.k8s.io/v1, and the rules that several namespaces share.
 * No Pulumi here: a policy is a value that a test can evaluate.
 */
import ipaddr from "ipaddr.js";
import { isAddress, overlaps } from "../../src/config/addresses.ts";
import type { StackConfig } from "../../src/config/schema.ts";
import { apiPort } from "../../src/rke2/ports.ts";

export interface LabelSelector {
	/** Empty or absent selects everything. */
	matchLabels?: Record<string, string>;
}

/** Either an `ipBlock` or selectors; both selectors together mean these pods in these namespaces. */
export interface NetworkPeer {
	ipBlock?: { cidr: string; except?: string[] };
	namespaceSelector?: LabelSelector;
	podSelector?: LabelSelector;
}

export interface NetworkPort {
	protocol: "TCP" | "UDP";
	port: number;
}

export interface NetworkPolicySpec {
	podSelector: LabelSelector;
	policyTypes: ("Ingress" | "Egress")[];
	/** Absent `from` or `ports` mean any source, any port. */
	ingress?: { from?: NetworkPeer[]; ports?: NetworkPort[] }[];
	/** Absent `to` or `ports` mean any destination, any port. */
	egress?: { to?: NetworkPeer[]; ports?: NetworkPort[] }[];
}

export interface NamedPolicy {
	name: string;
	spec: NetworkPolicySpec;
}

/** Where the API server listens once a packet to the `kubernetes` Service has been translated: policies see that address. */

/**
 * Prefix length of the network that each node gets out of the pod network: the default of the controller manager's
 * `--node-cidr-mask-size-ipv4`, which the program leaves alone.
 */
const nodeNetworkPrefix = 24;

export const everyPod: LabelSelector = {};

export function namespaceNamed(name: string): LabelSelector {
	// The API server itself sets this label, and nobody can forge it.
	return { matchLabels: { "kubernetes.io/metadata.name": name } };
}

export function tcp(...ports: number[]): NetworkPort[] {
	return ports.map((port) => ({ protocol: "TCP", port }));
}

/** One rule at least: a policy without one denies. */
export function allowIngress(
	name: string,
	pods: LabelSelector,
	...rules: NonNullable<NetworkPolicySpec["ingress"]>
): NamedPolicy {
	return { name, spec: { podSelector: pods, policyTypes: ["Ingress"], ingress: rules } };
}

export function allowEgress(
	name: string,
	pods: LabelSelector,
	...rules: NonNullable<NetworkPolicySpec["egress"]>
): NamedPolicy {
	return { name, spec: { podSelector: pods, policyTypes: ["Egress"], egress: rules } };
}

/** Nothing in, nothing out, until another policy of the namespace allows it. */
export function defaultDeny(): NamedPolicy {
	return { name: "default-deny-all", spec: { podSelector: everyPod, policyTypes: ["Ingress", "Egress"] } };
}

/** CoreDNS of RKE2, over UDP and, for answers that do not fit, TCP. */
export function allowDns(): NamedPolicy {
	return allowEgress("allow-dns", everyPod, {
		to: [{ namespaceSelector: namespaceNamed("kube-system"), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }],
		ports: [{ protocol: "UDP", port: 53 }, ...tcp(53)],
	});
}

/** Pods of a controller talk to the API server, which listens on the control planes' own addresses. */
export function allowApiServer(stack: StackConfig): NamedPolicy {
	return allowEgress("allow-api-server", everyPod, {
		to: controlPlanes(stack),
		ports: tcp(apiPort),
	});
}

/**
 * The API server calls an admission webhook. It runs in its host's network, so that no namespace or pod selector ever
 * matches it: on its own node it comes from the host's address, on another from that of the overlay's interface.
 */
export function allowWebhook(stack: StackConfig, pods: LabelSelector, port: number): NamedPolicy {
	return allowIngress("allow-webhook", pods, {
		from: [...controlPlanes(stack), ...overlayInterfaces(stack.cluster.podCidr).map(single)],
		ports: tcp(port),
	});
}

/** Everywhere but the pods of this cluster, whose traffic selectors decide about. */
export function outsideThePods(stack: StackConfig): NetworkPeer {
	return outside(stack, "0.0.0.0/0");
}

/** @param cidr may hold the pod network, which is left out, but not lie in it */
export function outside({ cluster: { podCidr } }: StackConfig, cidr: string): NetworkPeer {
	return { ipBlock: overlaps(cidr, podCidr) ? { cidr, except: [podCidr] } : { cidr } };
}

/**
 * The way out where `cluster.proxy` names one, as a rule beside the direct ones: its exceptions are reached directly. A
 * policy knows no names, so that a proxy which has one may be anywhere outside the pods, on its port.
 */
export function throughProxy(stack: StackConfig): { to: NetworkPeer[]; ports: NetworkPort[] }[] {
	const { proxy } = stack.cluster;
	if (!proxy) {
		return [];
	}
	const { hostname } = new URL(proxy.url);
	const to = [isAddress(hostname) ? single(hostname) : outsideThePods(stack)];
	return [{ to, ports: tcp(portOf(proxy.url)) }];
}

/** @param url with http or https */
export function portOf(url: string): number {
	const { protocol, port } = new URL(url);
	return port ? Number(port) : protocol === "http:" ? 80 : 443;
}

export function single(address: string): NetworkPeer {
	return { ipBlock: { cidr: `${address}/32` } };
}

function controlPlanes({ nodes }: StackConfig): NetworkPeer[] {
	return Object.values(nodes)
		.filter(({ role }) => role === "control-plane")
		.map(({ address }) => single(address));
}

/**
 * Every address that a node's overlay interface (flannel.1, or flannel-wg with WireGuard) can have: the first of each
 * node network. Which node gets which is decided when it joins, and an address taken from there would be unknown at
 * preview, so all of them are listed; no pod can have one. RKE2 allows the same addresses in its own namespaces under
 * the CIS profile (policy `rke2-flannel-host-networking`).
 */
function overlayInterfaces(podCidr: string): string[] {
	const [network, prefix] = ipaddr.IPv4.parseCIDR(podCidr);
	const first = new DataView(Uint8Array.from(network.toByteArray()).buffer).getUint32(0);
	const count = 2 ** Math.max(0, nodeNetworkPrefix - prefix);
	const size = 2 ** (32 - nodeNetworkPrefix);
	return Array.from({ length: count }, (_, index) => toAddress(first + index * size));
}

function toAddress(number: number): string {
	return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
}
