/**
 * Which rules have nothing to judge because a stack declares nothing of their kind: a rule whose kind is there, and which
 * saw nothing, is blind. What is there is found out apart from what the rules read.
 */
import { declaredObjects, type KubernetesObject } from "../../policies/lib/kubernetes/objects.ts";
import type { Resource } from "../../policies/lib/rules/resource.ts";
import type { Rule } from "../../policies/lib/rules/rule.ts";

type Kind = NonNullable<Rule["judges"]>;

const rbac = (kinds: RegExp) => (object: KubernetesObject) =>
	object.apiVersion.startsWith("rbac.authorization.k8s.io/") && kinds.test(object.kind);

const declares: Readonly<Record<Kind, (object: KubernetesObject) => boolean>> = {
	pods: ({ manifest }) => holdsContainers(manifest),
	roles: rbac(/Role$/),
	bindings: rbac(/RoleBinding$/),
	rights: rbac(/./),
};

/** Names of the rules of whose kind the resources declare nothing. */
export function withoutSubject(rules: readonly Rule[], resources: readonly Resource[]): Set<string> {
	const objects = declaredObjects(resources).map(({ object }) => object);
	const absent = (kind: Kind) => !objects.some(declares[kind]);
	return new Set(rules.filter(({ judges }) => judges !== undefined && absent(judges)).map(({ name }) => name));
}

/** Somewhere in an object of any kind. */
function holdsContainers(value: unknown): boolean {
	if (Array.isArray(value)) {
		return value.some(holdsContainers);
	}
	if (typeof value !== "object" || value === null) {
		return false;
	}
	return Object.entries(value).some(
		([key, member]) => (/^(init|ephemeral)?containers$/i.test(key) && Array.isArray(member)) || holdsContainers(member),
	);
}
