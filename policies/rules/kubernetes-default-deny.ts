import { declaredObjects, type KubernetesObject, partOf } from "../lib/kubernetes.ts";
import type { StackRule } from "../lib/rule.ts";
import { selectorShape, selectsEverything } from "../lib/selectors.ts";
import type { Shaped } from "../lib/shape.ts";

const peerShape = { ipBlock: { cidr: "string", except: ["string"] } } as const;

const specShape = {
	podSelector: selectorShape,
	policyTypes: ["string"],
	ingress: [{ from: [peerShape], ports: ["object"] }],
	egress: [{ to: [peerShape], ports: ["object"] }],
} as const;

const directions = ["Ingress", "Egress"] as const;
type Direction = (typeof directions)[number];

/** What a rule of a policy lets through, by whom and by port; none of either means any. */
interface Allowed {
	peers?: readonly Shaped<typeof peerShape>[];
	ports?: readonly object[];
}

/**
 * A namespace without a default deny lets every pod of the cluster in, and its own pods out to the whole network. Policies
 * add up: beside one that allows everything, the default deny denies nothing. The CIS profile of RKE2 adds policies to its
 * own namespaces only.
 */
export const kubernetesDefaultDeny: StackRule = {
	name: "kubernetes-default-deny",
	description: "Every namespace denies traffic in both directions by default, and no policy allows all of it.",
	severity: "high",
	evidence: { cisControls: ["4.4", "13.4"], iso27001: ["A.8.20", "A.8.22"], nist80053: ["AC-4", "SC-7"] },
	remediation:
		"Add a NetworkPolicy with an empty podSelector, policyTypes [Ingress, Egress] and no rules to the namespace; allow what it needs in further policies.",
	url: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies",

	checkStack(resources, report) {
		const objects = declaredObjects(resources);
		const denied = new Map<string | undefined, Direction[]>();
		for (const { object, resource } of objects) {
			if (object.apiVersion !== "networking.k8s.io/v1" || object.kind !== "NetworkPolicy") {
				continue;
			}
			const policy = directionsOf(object);
			const { namespace } = object.metadata;
			if (!object.patch) {
				denied.set(namespace, [...(denied.get(namespace) ?? []), ...deniedDirections(object, policy)]);
			}
			for (const [direction, allowed] of policy) {
				if (allowed.some(isEverything)) {
					report(`${object.subject} allows all ${direction}; name peers or ports.`, resource);
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

/** The directions that a policy is about, with what it allows in each. */
function directionsOf(policy: KubernetesObject): Map<Direction, Allowed[]> {
	const { policyTypes, ingress = [], egress = [] } = partOf(policy, ["spec"], specShape) ?? {};
	const allowed = {
		Ingress: ingress.map(({ from, ports }) => ({ peers: from, ports })),
		Egress: egress.map(({ to, ports }) => ({ peers: to, ports })),
	};
	// What Kubernetes assumes when policyTypes is left out.
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

function isEverything({ peers = [], ports = [] }: Allowed): boolean {
	return ports.length === 0 && (peers.length === 0 || peers.some(isEverywhere));
}

function isEverywhere({ ipBlock }: Shaped<typeof peerShape>): boolean {
	return ipBlock?.cidr?.endsWith("/0") === true && (ipBlock.except ?? []).length === 0;
}
