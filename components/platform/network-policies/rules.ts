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
import { anywhereOutside, type Networks, outside, single } from "./destinations.ts";
import type { LabelSelector, NamedPolicy, NetworkPeer, NetworkPolicySpec, NetworkPort } from "./network-policy.ts";

type Nodes = Pick<StackConfig, "nodes">;

/**
 * Prefix length of the network that each node gets out of the pod network: the default of the controller manager's
 * `--node-cidr-mask-size-ipv4`, which the program does not change.
 */
const nodeNetworkPrefix = 24;

export const everyPod: LabelSelector = {};
/** CoreDNS of RKE2 (chart rke2-coredns, `k8sApp`). */
export const dnsPods: LabelSelector = { matchLabels: { "k8s-app": "kube-dns" } };

export function namespaceNamed(name: string): LabelSelector {
	// The API server itself sets this label, which cannot be forged.
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
	stack: Networks,
	allowTo: StackConfig["platform"]["namespaces"][string]["allowTo"],
): NonNullable<NetworkPolicySpec["egress"]> {
	return allowTo.map((rule) => ({ to: [outside(stack, rule)], ports: openPorts(rule) }));
}

/** @param rules at least one: a policy without rules denies */
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

/** Denies both directions, except for what other policies of the namespace allow. */
export function defaultDeny(): NamedPolicy {
	return { name: "default-deny-all", spec: { podSelector: everyPod, policyTypes: ["Ingress", "Egress"] } };
}

/** UDP, and TCP for long answers. */
export const dnsPorts: NetworkPort[] = [{ protocol: "UDP", port: 53 }, ...tcp(53)];

export function allowDns(): NamedPolicy {
	return allowEgress("allow-dns", everyPod, {
		to: [{ namespaceSelector: namespaceNamed("kube-system"), podSelector: dnsPods }],
		ports: dnsPorts,
	});
}

/** For controllers. The API server listens at the control planes' own addresses. */
export function allowApiServer(stack: Nodes): NamedPolicy {
	return allowEgress("allow-api-server", everyPod, apiServer(stack));
}

/** Policies apply after the node has translated the address of the `kubernetes` Service to that of a control plane. */
export function apiServer(stack: Nodes): { to: NetworkPeer[]; ports: NetworkPort[] } {
	return { to: controlPlanes(stack), ports: tcp(apiPort) };
}

/** Lets the API server call an admission webhook. */
export function allowWebhook(
	stack: Nodes & Pick<StackConfig, "cluster">,
	pods: LabelSelector,
	port: number,
): NamedPolicy {
	return allowIngress("allow-webhook", pods, { from: fromHosts(stack, controlPlanes(stack)), ports: tcp(port) });
}

/**
 * Programs in the network of these hosts, such as the API server, which no namespace or pod selector matches. A pod on the same
 * node sees the host's address, a pod on another node that of the overlay's interface.
 */
export function fromHosts(stack: Pick<StackConfig, "cluster">, hosts: NetworkPeer[]): NetworkPeer[] {
	return [...hosts, ...overlayInterfaces(stack.cluster.podCidr).map(single)];
}

/**
 * Egress to `cluster.proxy`, in addition to the direct rules: exceptions of the proxy are reached directly. A policy takes no
 * names, so that for a proxy with a name it allows the port at every address outside the cluster and Proxmox.
 */
export function throughProxy(stack: Networks): { to: NetworkPeer[]; ports: NetworkPort[] }[] {
	const { proxy } = stack.cluster;
	if (!proxy) {
		return [];
	}
	const { hostname } = new URL(proxy.url);
	const to = [isAddress(hostname) ? single(hostname) : anywhereOutside(stack)];
	return [{ to, ports: tcp(portOfUrl(proxy.url)) }];
}

export function controlPlanes({ nodes }: Nodes): NetworkPeer[] {
	return Object.values(nodes)
		.filter(({ role }) => role === "control-plane")
		.map(({ address }) => single(address));
}

export function everyNode({ nodes }: Nodes): NetworkPeer[] {
	return Object.values(nodes).map(({ address }) => single(address));
}

/**
 * Every address that a node's overlay interface (flannel.1, or flannel-wg with WireGuard) can have: the first of each node
 * network. A node gets its network when it joins, so that its address is unknown at preview; therefore all of them are listed. No
 * pod can have one of them. RKE2 allows the same addresses in its own namespaces under the CIS profile (policy
 * `rke2-flannel-host-networking`).
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
