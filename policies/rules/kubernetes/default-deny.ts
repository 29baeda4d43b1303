import { covers, type Interval, without } from "../../../src/config/formats/intervals.ts";
import { coverEveryAddress, type Network, networkOf } from "../../../src/config/formats/networks.ts";
import { addResource, removeResource } from "../../lib/examples/resources.ts";
import { declaredObjects, type KubernetesObject, partOf } from "../../lib/kubernetes/objects.ts";
import { selectorShape, selectsAllButSome, selectsEverything } from "../../lib/kubernetes/selectors.ts";
import type { Shaped } from "../../lib/reading/shape.ts";
import { listOf, serverConfigOf } from "../../lib/rke2/files.ts";
import { type Resource, UndecidableError } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { namespaces } from "../../lib/rules/subjects.ts";

const peerShape = {
	ipBlock: { cidr: "string", except: ["string"] },
	namespaceSelector: selectorShape,
	podSelector: selectorShape,
} as const;
type Peer = Shaped<typeof peerShape>;

const specShape = {
	podSelector: selectorShape,
	policyTypes: ["string"],
	ingress: [{ from: [peerShape], ports: ["object"] }],
	egress: [{ to: [peerShape], ports: ["object"] }],
} as const;

const directions = ["Ingress", "Egress"] as const;
type Direction = (typeof directions)[number];

/** The traffic that a rule of a policy allows. A rule without peers allows all peers, one without ports all ports. */
interface Allowed {
	peers?: readonly Peer[];
	ports?: readonly Record<string, unknown>[];
}

/** API groups whose policies add to a default deny, or are evaluated before it. */
const otherGroups = /(?:^|\.)projectcalico\.org$|^cilium\.io$|^policy\.networking\.k8s\.io$/;

/** RKE2's default for `cluster-cidr`. */
const defaultPodNetwork = "10.42.0.0/16";

/**
 * Without a default deny, every pod of the cluster reaches the pods of a namespace, and they reach the whole network.
 * Policies add up: beside one that allows everything, the default deny denies nothing. The CIS profile of RKE2 adds
 * policies to its own namespaces only.
 */
export const kubernetesDefaultDeny: StackRule = {
	name: "kubernetes-default-deny",
	description:
		"Every namespace denies traffic in both directions by default, and no policy allows all sources or every pod.",
	severity: "high",
	controls: ["5.3.2"],
	frameworks: { cisControls: ["4.4", "13.4"], iso27001: ["A.8.20", "A.8.22"], nist80053: ["AC-4", "SC-7"] },
	remediation:
		"Add a NetworkPolicy with an empty podSelector, policyTypes [Ingress, Egress] and no rules to the namespace; allow what it needs in further policies.",
	url: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies",
	subject: namespaces,
	examples: [
		{
			change: "a namespace without its default deny",
			apply: removeResource("kubernetes:networking.k8s.io/v1:NetworkPolicy", "monitoring-default-deny-all"),
			sentence: "Namespace monitoring has no NetworkPolicy that selects every pod and denies Ingress and Egress.",
		},
		{
			change: "a policy of Calico that allows everything",
			apply: addResource("kubernetes:crd.projectcalico.org/v1:GlobalNetworkPolicy", "app", {
				metadata: { name: "app" },
				spec: { selector: "all()", types: ["Ingress"], ingress: [{ action: "Allow" }] },
			}),
			sentence: "GlobalNetworkPolicy app of crd.projectcalico.org/v1 can allow what a default deny denies; remove it.",
		},
	],

	checkStack(resources, report) {
		const objects = declaredObjects(resources);
		const pods = podNetworks(resources);
		const denied = new Map<string | undefined, Direction[]>();
		for (const { object, resource } of objects) {
			if (isPolicyOfAnotherApi(object)) {
				report(`${object.subject} of ${object.apiVersion} can allow what a default deny denies; remove it.`, resource);
			}
			if (object.apiVersion !== "networking.k8s.io/v1" || object.kind !== "NetworkPolicy") {
				continue;
			}
			const policy = directionsOf(object);
			const { namespace } = object.metadata;
			if (!object.patch) {
				denied.set(namespace, [...(denied.get(namespace) ?? []), ...deniedDirections(object, policy)]);
			}
			for (const [direction, allowed] of policy) {
				const found = unlimited(allowed, pods, object.subject);
				if (found) {
					report(`${object.subject} allows ${found} ${direction}; name peers or ports.`, resource);
				}
			}
		}

		for (const { object, resource } of objects) {
			const { apiVersion, kind, metadata, patch } = object;
			if (apiVersion !== "v1" || kind !== "Namespace" || patch) {
				continue;
			}
			const { name } = metadata;
			const open = directions.filter((direction) => !denied.get(name)?.includes(direction));
			if (name === undefined || open.length > 0) {
				report(
					`Namespace ${name ?? `of ${resource.name} (it has no metadata.name)`} has no NetworkPolicy that selects every pod and denies ${open.join(" and ")}.`,
					resource,
				);
			}
		}
	},
};

/** The directions that a policy covers, with the rules of each. */
function directionsOf(policy: KubernetesObject): Map<Direction, Allowed[]> {
	const { policyTypes, ingress = [], egress = [] } = partOf(policy, ["spec"], specShape) ?? {};
	const allowed = {
		Ingress: ingress.map(({ from, ports }) => ({ peers: from, ports })),
		Egress: egress.map(({ to, ports }) => ({ peers: to, ports })),
	};
	// The default of Kubernetes for policyTypes.
	const types = policyTypes ?? (egress.length > 0 ? directions : ["Ingress"]);
	const about = directions.filter((direction) => (types as readonly string[]).includes(direction));
	return new Map(about.map((direction) => [direction, allowed[direction]]));
}

/** The directions that a policy closes for every pod of its namespace. */
function deniedDirections(policy: KubernetesObject, allowed: ReadonlyMap<Direction, Allowed[]>): Direction[] {
	return selectsEverything(partOf(policy, ["spec", "podSelector"], selectorShape) ?? {})
		? [...allowed].filter(([, rules]) => rules.length === 0).map(([direction]) => direction)
		: [];
}

function isPolicyOfAnotherApi({ apiVersion, kind }: KubernetesObject): boolean {
	return otherGroups.test(apiVersion.split("/")[0]!) && kind.endsWith("NetworkPolicy");
}

/** The networks of the cluster's pods, from the configuration of the servers. */
function podNetworks(resources: readonly Resource[]): Network[] {
	const told = resources.flatMap((resource) => {
		const config = serverConfigOf(resource);
		return config ? listOf(config, "cluster-cidr").flatMap((list) => list.split(",")) : [];
	});
	const networks = [...new Set(told)].flatMap((cidr) => networkOf(cidr.trim()) ?? []);
	return networks.length > 0 ? networks : [networkOf(defaultPodNetwork)!];
}

/** The excess of one policy's rules at every port: all traffic, or the traffic of every pod of the cluster. */
function unlimited(allowed: readonly Allowed[], pods: readonly Network[], subject: string): string | undefined {
	const open = allowed.filter(({ ports = [] }) => ports.length === 0 || isEveryPort(ports));
	const peers = open.flatMap(({ peers = [] }) => peers);
	const blocks = peers.flatMap((peer) => addressesOf(peer, subject));
	const isCovered = (network: Network) =>
		covers(
			blocks.filter(({ version }) => version === network.version),
			network,
		);
	if (coverEveryAddress(blocks) || open.some(({ peers = [] }) => peers.length === 0)) {
		return "all";
	}
	return peers.some(isEveryPod) || pods.some(isCovered) ? "every pod's" : undefined;
}

function isEveryPod({ namespaceSelector, podSelector = {} }: Peer): boolean {
	return namespaceSelector !== undefined && selectsAllButSome(namespaceSelector) && selectsAllButSome(podSelector);
}

/** @throws UndecidableError when a network is not in CIDR form */
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

/** Whether a rule allows every port of a protocol. A port by name is a single port. */
function isEveryPort(ports: readonly Record<string, unknown>[]): boolean {
	const protocols = new Map<unknown, Interval[]>();
	for (const { protocol = "TCP", port, endPort } of ports) {
		const ranges = protocols.get(protocol) ?? [];
		if (port === undefined || port === null) {
			ranges.push(everyPort);
		} else if (typeof port === "number") {
			ranges.push({ first: BigInt(port), last: BigInt(typeof endPort === "number" ? endPort : port) });
		}
		protocols.set(protocol, ranges);
	}
	return [...protocols.values()].some((ranges) => covers(ranges, everyPort));
}

const everyPort: Interval = { first: 1n, last: 65_535n };
