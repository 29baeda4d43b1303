/** NetworkPolicies as sets of addresses and ports. */
import { type Interval, without } from "../../../../src/config/formats/intervals.ts";
import { type Network, networkOf } from "../../../../src/config/formats/networks.ts";
import type { Shaped } from "../../reading/shape.ts";
import { UndecidableError } from "../../rules/resource.ts";
import { type KubernetesObject, partOf } from "../objects.ts";
import { selectorShape } from "../selectors.ts";

const peerShape = {
	ipBlock: { cidr: "string", except: ["string"] },
	namespaceSelector: selectorShape,
	podSelector: selectorShape,
} as const;
export type Peer = Shaped<typeof peerShape>;

const specShape = {
	podSelector: selectorShape,
	policyTypes: ["string"],
	ingress: [{ from: [peerShape], ports: ["object"] }],
	egress: [{ to: [peerShape], ports: ["object"] }],
} as const;

export const directions = ["Ingress", "Egress"] as const;
export type Direction = (typeof directions)[number];

/** Ports of one protocol. */
export interface Ports extends Interval {
	protocol: string;
}

/** The traffic that a rule of a policy allows. */
export interface Allowed {
	/** None stands for everybody. */
	peers: readonly Peer[];
	/** Addresses of the peers that are networks. */
	blocks: readonly Network[];
	/** A port by its name is unknown, and counts as none. */
	ports: readonly Ports[];
}

const protocols = ["TCP", "UDP", "SCTP"] as const;
const everyPort: Interval = { first: 1n, last: 65_535n };

export function isNetworkPolicy({ apiVersion, kind }: KubernetesObject): boolean {
	return apiVersion === "networking.k8s.io/v1" && kind === "NetworkPolicy";
}

/**
 * The directions that a policy covers, with the rules of each.
 *
 * @throws UndecidableError when a network is not in CIDR form
 */
export function directionsOf(policy: KubernetesObject): ReadonlyMap<Direction, readonly Allowed[]> {
	const known = directionsByPolicy.get(policy) ?? readDirections(policy);
	directionsByPolicy.set(policy, known);
	return known;
}

const directionsByPolicy = new WeakMap<KubernetesObject, ReadonlyMap<Direction, readonly Allowed[]>>();

function readDirections(policy: KubernetesObject): Map<Direction, Allowed[]> {
	const { policyTypes, ingress = [], egress = [] } = partOf(policy, ["spec"], specShape) ?? {};
	// The default of Kubernetes for policyTypes.
	const types = policyTypes ?? (egress.length > 0 ? directions : ["Ingress"]);
	const about = directions.filter((direction) => (types as readonly string[]).includes(direction));
	const rulesOf = (direction: Direction) =>
		direction === "Ingress"
			? ingress.map(({ from, ports }) => allowedBy(from, ports, policy.subject))
			: egress.map(({ to, ports }) => allowedBy(to, ports, policy.subject));
	return new Map(about.map((direction) => [direction, rulesOf(direction)]));
}

function allowedBy(
	peers: readonly Peer[] = [],
	ports: readonly Record<string, unknown>[] = [],
	subject: string,
): Allowed {
	return { peers, blocks: peers.flatMap((peer) => addressesOf(peer, subject)), ports: portsOf(ports) };
}

function portsOf(ports: readonly Record<string, unknown>[]): Ports[] {
	if (ports.length === 0) {
		return protocols.map((protocol) => ({ protocol, ...everyPort }));
	}
	return ports.flatMap(({ protocol = "TCP", port, endPort }): Ports[] => {
		const of = { protocol: String(protocol) };
		if (port === undefined || port === null) {
			return [{ ...of, ...everyPort }];
		}
		return typeof port === "number"
			? [{ ...of, first: BigInt(port), last: BigInt(typeof endPort === "number" ? endPort : port) }]
			: [];
	});
}

function addressesOf({ ipBlock }: Peer, subject: string): Network[] {
	if (ipBlock?.cidr === undefined) {
		return [];
	}
	const [block, ...excepted] = [ipBlock.cidr, ...(ipBlock.except ?? [])].map((cidr) => {
		const network = networkOf(cidr);
		if (!network) {
			throw new UndecidableError(`${cidr} in ${subject} is not a network`);
		}
		return network;
	});
	const taken = excepted.filter(({ version }) => version === block!.version);
	return without(block!, taken).map((part) => ({ ...part, version: block!.version }));
}
