import { type Network, networkOf } from "../../../src/config/formats/networks.ts";
import { addResource, removeResource } from "../../lib/examples/resources.ts";
import { type Cluster, excessOf } from "../../lib/kubernetes/network/excess.ts";
import {
	type Allowed,
	type Direction,
	directions,
	directionsOf,
	isNetworkPolicy,
} from "../../lib/kubernetes/network/policies.ts";
import { type DeclaredObject, declaredObjects, type KubernetesObject, partOf } from "../../lib/kubernetes/objects.ts";
import { selectorShape, selectsEverything } from "../../lib/kubernetes/selectors.ts";
import { listOf, serverConfigOf } from "../../lib/rke2/files.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { namespaces } from "../../lib/rules/subjects.ts";

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
		for (const { object, resource } of objects.filter((one) => isPolicyOfAnotherApi(one.object))) {
			report(`${object.subject} of ${object.apiVersion} can allow what a default deny denies; remove it.`, resource);
		}
		const policies = objects
			.filter(({ object }) => isNetworkPolicy(object))
			.map((declared): Policy => ({ ...declared, rules: directionsOf(declared.object) }));
		const cluster = { pods: podNetworks(resources), namespaces: labelsOfNamespaces(objects) };
		const denied = new Map<string | undefined, Direction[]>();
		for (const [namespace, own] of Map.groupBy(policies, ({ object }) => object.metadata.namespace)) {
			denied.set(
				namespace,
				own.filter(({ object }) => !object.patch).flatMap(({ object, rules }) => deniedDirections(object, rules)),
			);
			for (const direction of directions) {
				for (const [message, resource] of excesses(own, direction, cluster)) {
					report(message, resource);
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

interface Policy extends DeclaredObject {
	rules: ReadonlyMap<Direction, readonly Allowed[]>;
}

/** Policies that open too much, each alone, or all of a namespace together. */
function excesses(policies: readonly Policy[], direction: Direction, cluster: Cluster): [string, Resource][] {
	const open = policies.filter(({ rules }) => (rules.get(direction) ?? []).length > 0);
	const own = open[0]?.object.metadata.namespace;
	const alone = open.flatMap(({ object, resource, rules }): [string, Resource][] => {
		const found = excessOf(rules.get(direction)!, cluster, own);
		return found ? [[`${object.subject} allows ${found} ${direction}; name peers or ports.`, resource]] : [];
	});
	const found =
		alone.length === 0 &&
		open.length > 1 &&
		excessOf(
			open.flatMap(({ rules }) => rules.get(direction)!),
			cluster,
			own,
		);
	if (!found) {
		return alone;
	}
	const names = open.map(({ object }) => object.metadata.name).join(", ");
	const message = `The NetworkPolicies ${names} of Namespace ${own} together allow ${found} ${direction}; name peers or ports.`;
	return [[message, open[0]!.resource]];
}

function labelsOfNamespaces(objects: readonly DeclaredObject[]): Cluster["namespaces"] {
	return new Map(
		objects
			.map(({ object }) => object)
			.filter(({ apiVersion, kind, patch }) => apiVersion === "v1" && kind === "Namespace" && !patch)
			.map(({ metadata }) => [metadata.name ?? "", metadata.labels ?? {}]),
	);
}

/** The directions that a policy closes for every pod of its namespace. */
function deniedDirections(policy: KubernetesObject, allowed: ReadonlyMap<Direction, readonly Allowed[]>): Direction[] {
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
