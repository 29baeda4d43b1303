/**
 * Rules of NetworkPolicies that several namespaces share: every namespace denies both directions by default, and opens what
 * its pods need. No Pulumi here: a policy is a value that a test can evaluate.
 *
 * No policy applies to pods in the network of their host, such as MetalLB's speakers, and probes from the kubelet of a pod's
 * own node always pass. https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
import ipaddr from "ipaddr.js";
import { isAddress } from "../../../src/config/formats/addresses.ts";
import { portOfUrl } from "../../../src/config/formats/hosts.ts";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { apiPort } from "../../../src/facts/network.ts";
import { anywhereOutside, outside, single } from "./destinations.ts";
import type { LabelSelector, NamedPolicy, NetworkPeer, NetworkPolicySpec, NetworkPort } from "./network-policy.ts";

/**
 * Prefix length of the network that each node gets out of the pod network: the default of the controller manager's
 * `--node-cidr-mask-size-ipv4`, which the program leaves alone.
 */
const nodeNetworkPrefix = 24;

export const everyPod: LabelSelector = {};
/** CoreDNS of RKE2 (chart rke2-coredns, `k8sApp`). */
export const dnsPods: LabelSelector = { matchLabels: { "k8s-app": "kube-dns" } };

export function namespaceNamed(name: string): LabelSelector {
	// The API server itself sets this label, and nobody can forge it.
	return { matchLabels: { "kubernetes.io/metadata.name": name } };
}

export function tcp(...ports: number[]): NetworkPort[] {
	return ports.map((port) => ({ protocol: "TCP", port }));
}

/** The ports of a declaration in the stack file. */
export function openPorts({ ports, protocol }: { ports: number[]; protocol: NetworkPort["protocol"] }): NetworkPort[] {
	return ports.map((port) => ({ protocol, port }));
}

/** The destinations of an `allowTo` in the stack file. */
export function declaredDestinations(
	stack: StackConfig,
	allowTo: StackConfig["platform"]["namespaces"][string]["allowTo"],
): NonNullable<NetworkPolicySpec["egress"]> {
	return allowTo.map((rule) => ({ to: [outside(stack, rule.cidr)], ports: openPorts(rule) }));
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

/** Over UDP and, for answers that do not fit, TCP. */
export const dnsPorts: NetworkPort[] = [{ protocol: "UDP", port: 53 }, ...tcp(53)];

export function allowDns(): NamedPolicy {
	return allowEgress("allow-dns", everyPod, {
		to: [{ namespaceSelector: namespaceNamed("kube-system"), podSelector: dnsPods }],
		ports: dnsPorts,
	});
}

/** Pods of a controller talk to the API server, which listens on the control planes' own addresses. */
export function allowApiServer(stack: StackConfig): NamedPolicy {
	return allowEgress("allow-api-server", everyPod, apiServer(stack));
}

/** Where the API server listens once a packet to the `kubernetes` Service has been translated: policies see that address. */
export function apiServer(stack: StackConfig): { to: NetworkPeer[]; ports: NetworkPort[] } {
	return { to: controlPlanes(stack), ports: tcp(apiPort) };
}

/** The API server calls an admission webhook. */
export function allowWebhook(stack: StackConfig, pods: LabelSelector, port: number): NamedPolicy {
	return allowIngress("allow-webhook", pods, { from: fromHosts(stack, controlPlanes(stack)), ports: tcp(port) });
}

/**
 * What runs in the network of these hosts, as the API server does: no namespace or pod selector ever matches it. On its own
 * node it comes from the host's address, on another from that of the overlay's interface.
 */
export function fromHosts(stack: StackConfig, hosts: NetworkPeer[]): NetworkPeer[] {
	return [...hosts, ...overlayInterfaces(stack.cluster.podCidr).map(single)];
}

/**
 * The way out where `cluster.proxy` names one, as a rule beside the direct ones: its exceptions are reached directly. A
 * policy knows no names, so that a proxy which has one may be anywhere but in the cluster and on Proxmox, on its port.
 */
export function throughProxy(stack: StackConfig): { to: NetworkPeer[]; ports: NetworkPort[] }[] {
	const { proxy } = stack.cluster;
	if (!proxy) {
		return [];
	}
	const { hostname } = new URL(proxy.url);
	const to = [isAddress(hostname) ? single(hostname) : anywhereOutside(stack)];
	return [{ to, ports: tcp(portOfUrl(proxy.url)) }];
}

export function controlPlanes({ nodes }: StackConfig): NetworkPeer[] {
	return Object.values(nodes)
		.filter(({ role }) => role === "control-plane")
		.map(({ address }) => single(address));
}

export function everyNode({ nodes }: StackConfig): NetworkPeer[] {
	return Object.values(nodes).map(({ address }) => single(address));
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
