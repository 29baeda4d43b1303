/** What a network plugin decides: whether a connection may be opened, given the policies of every namespace. */

import type {
	LabelSelector,
	NamedPolicy,
	NetworkPeer,
	NetworkPort,
} from "../../components/platform/network-policies/network-policy.ts";
import { bounds, toNumber } from "../../src/config/formats/addresses.ts";

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
	return allowedPorts(policies, from, to, [port]).length > 0;
}

/** @returns those of the ports at which `from` may open a connection to `to` */
export function allowedPorts(
	policies: Record<string, NamedPolicy[]>,
	from: Endpoint,
	to: Endpoint,
	ports: readonly NetworkPort[],
): NetworkPort[] {
	const sends = permitted(policies, from, "Egress", to, ports, to);
	return sends.length === 0 ? [] : permitted(policies, to, "Ingress", from, sends, to);
}

function permitted(
	policies: Record<string, NamedPolicy[]>,
	pod: Endpoint,
	direction: Direction,
	peer: Endpoint,
	wanted: readonly NetworkPort[],
	called: Endpoint,
): NetworkPort[] {
	const isolating = (policies[pod.namespace ?? ""] ?? [])
		.map(({ spec }) => spec)
		.filter((spec) => spec.policyTypes.includes(direction) && selects(spec.podSelector, pod.labels));
	if (isolating.length === 0) {
		return [...wanted];
	}
	const rules = isolating
		.flatMap((spec) =>
			direction === "Ingress"
				? (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
				: (spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports })),
		)
		.filter(({ peers }) =>
			(peers ?? [undefined]).some((selector) => selector === undefined || matches(selector, pod, peer)),
		);
	return wanted.filter((port) =>
		rules.some(
			({ ports }) =>
				ports === undefined ||
				ports.some((open) => open.protocol === port.protocol && numberOf(open, called) === port.port),
		),
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

/** Numbers of the first and the last address, by network. A review asks for the same networks many times. */
const ranges = new Map<string, readonly [first: number, last: number]>();

function contains(cidr: string, address: string): boolean {
	let range = ranges.get(cidr);
	if (!range) {
		const { first, last } = bounds(cidr);
		range = [toNumber(first), toNumber(last)];
		ranges.set(cidr, range);
	}
	const number = numberAt(address);
	return range[0] <= number && number <= range[1];
}

const numbers = new Map<string, number>();

function numberAt(address: string): number {
	const known = numbers.get(address) ?? toNumber(address);
	numbers.set(address, known);
	return known;
}

function selects({ matchLabels = {} }: LabelSelector, labels: Record<string, string> = {}): boolean {
	return Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
}
