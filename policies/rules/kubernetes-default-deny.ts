import { objectsOf } from "../lib/kubernetes.ts";
import type { StackRule } from "../lib/rule.ts";

interface NetworkPolicy {
	spec?: {
		podSelector?: { matchLabels?: object; matchExpressions?: unknown[] };
		policyTypes?: string[];
		ingress?: unknown[];
		egress?: unknown[];
	};
}

const directions = ["Ingress", "Egress"] as const;
type Direction = (typeof directions)[number];

/**
 * A namespace without a default deny lets every pod of the cluster in, and its own pods out to the whole network. The
 * CIS profile of RKE2 adds policies to its own namespaces only.
 */
export const kubernetesDefaultDeny: StackRule = {
	name: "kubernetes-default-deny",
	description: "Every namespace denies traffic in both directions by default.",
	severity: "high",
	evidence: { cisControls: ["4.4", "13.4"], iso27001: ["A.8.20", "A.8.22"], nist80053: ["AC-4", "SC-7"] },
	remediation:
		"Add a NetworkPolicy with an empty podSelector, policyTypes [Ingress, Egress] and no rules to the namespace; allow what it needs in further policies.",
	url: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies",

	checkStack(resources, report) {
		const objects = resources.flatMap((resource) => objectsOf(resource).map((object) => ({ object, resource })));
		const denied = new Map<string | undefined, Direction[]>();
		for (const { apiVersion, kind, metadata, manifest, patch } of objects.map(({ object }) => object)) {
			if (apiVersion === "networking.k8s.io/v1" && kind === "NetworkPolicy" && !patch) {
				const { namespace } = metadata;
				denied.set(namespace, [...(denied.get(namespace) ?? []), ...deniedDirections(manifest as NetworkPolicy)]);
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

/** The directions that a policy closes for every pod of its namespace. */
function deniedDirections({ spec }: NetworkPolicy): Direction[] {
	const { matchLabels = {}, matchExpressions = [] } = spec?.podSelector ?? {};
	if (Object.keys(matchLabels).length > 0 || matchExpressions.length > 0) {
		return [];
	}
	const rules = { Ingress: spec?.ingress ?? [], Egress: spec?.egress ?? [] };
	// What Kubernetes assumes when policyTypes is left out.
	const types = spec?.policyTypes ?? (rules.Egress.length > 0 ? directions : ["Ingress"]);
	return directions.filter((direction) => types.includes(direction) && rules[direction].length === 0);
}
