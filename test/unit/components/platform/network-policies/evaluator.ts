/** What a network plugin decides: whether a connection may be opened, given the policies of every namespace. */

import type {
	LabelSelector,
	NamedPolicy,
	NetworkPeer,
	NetworkPort,
} from "../../../../../components/platform/network-policies/network-policy.ts";
import { contains } from "../../../../../src/config/formats/addresses.ts";

/** A pod when it has a namespace, else an address outside the pod network. */
export interface Endpoint {
	address: string;
	namespace?: string;
	labels?: Record<string, string>;
	/** Numbers of the ports that policies may know by a name. */
	ports?: Record<string, number>;
}

type Direction = "Ingress" | "Egress";

/**
 * Both ends decide, each in its own namespace. A namespace without policies is open.
 * https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function allowed(
	policies: Record<string, NamedPolicy[]>,
	from: Endpoint,
	to: Endpoint,
	port: NetworkPort,
): boolean {
	return permits(policies, from, "Egress", to, port, to) && permits(policies, to, "Ingress", from, port, to);
}

function permits(
	policies: Record<string, NamedPolicy[]>,
	pod: Endpoint,
	direction: Direction,
	peer: Endpoint,
	port: NetworkPort,
	called: Endpoint,
): boolean {
	const isolating = (policies[pod.namespace ?? ""] ?? [])
		.map(({ spec }) => spec)
		.filter((spec) => spec.policyTypes.includes(direction) && selects(spec.podSelector, pod.labels));
	if (isolating.length === 0) {
		return true;
	}
	const rules = isolating.flatMap((spec) =>
		direction === "Ingress"
			? (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
			: (spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports })),
	);
	return rules.some(
		({ peers, ports }) =>
			(peers ?? [undefined]).some((selector) => selector === undefined || matches(selector, pod, peer)) &&
			(ports === undefined ||
				ports.some((open) => open.protocol === port.protocol && numberOf(open, called) === port.port)),
	);
}

function numberOf({ port }: NetworkPort, { ports = {} }: Endpoint): number | undefined {
	return typeof port === "number" ? port : ports[port];
}

function matches(selector: NetworkPeer, pod: Endpoint, peer: Endpoint): boolean {
	if (selector.ipBlock) {
		const { cidr, except = [] } = selector.ipBlock;
		return contains(cidr, peer.address) && !except.some((hole) => contains(hole, peer.address));
	}
	if (peer.namespace === undefined) {
		return false;
	}
	const inNamespace = selector.namespaceSelector
		? selects(selector.namespaceSelector, { "kubernetes.io/metadata.name": peer.namespace })
		: peer.namespace === pod.namespace;
	return inNamespace && (selector.podSelector === undefined || selects(selector.podSelector, peer.labels));
}

function selects({ matchLabels = {} }: LabelSelector, labels: Record<string, string> = {}): boolean {
	return Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
}
