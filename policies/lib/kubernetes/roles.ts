/** Roles and their bindings. */
import { oidcPrefix } from "../../../src/facts/administrators.ts";
import type { Shaped } from "../reading/shape.ts";
import { type KubernetesObject, partOf } from "./objects.ts";
import { selectorShape, selectsEverything } from "./selectors.ts";

const ruleShape = {
	apiGroups: ["string"],
	resources: ["string"],
	resourceNames: ["string"],
	verbs: ["string"],
	nonResourceURLs: ["string"],
} as const;
export type PolicyRule = Shaped<typeof ruleShape>;

const bindingShape = {
	roleRef: { kind: "string", name: "string" },
	subjects: [{ kind: "string", name: "string", namespace: "string" }],
} as const;
export type Binding = Shaped<typeof bindingShape>;
export type SubjectReference = NonNullable<Binding["subjects"]>[number];

const group = "rbac.authorization.k8s.io/v1";

/** Whether the object is a Role or a ClusterRole. */
export function isRole({ apiVersion, kind }: KubernetesObject): boolean {
	return apiVersion === group && (kind === "Role" || kind === "ClusterRole");
}

/** The rules of a Role or ClusterRole; none for any other object. */
export function rulesOf(object: KubernetesObject): PolicyRule[] {
	return (isRole(object) && partOf(object, ["rules"], [ruleShape])) || [];
}

/** The same rules, read once: each later look at a member costs nothing. */
export function readRulesOf(object: KubernetesObject): PolicyRule[] {
	return rulesOf(object).map(({ apiGroups, resources, resourceNames, verbs }) => ({
		apiGroups,
		resources,
		resourceNames,
		verbs,
	}));
}

/** Labels for the ClusterRoles of one program: `rbac.example.com/aggregate-to-app`. */
const ownLabel = /^rbac\.(?!authorization\.k8s\.io\/)[a-z0-9.-]+\/aggregate-to-/;

/** The selectors by which a ClusterRole takes the rules of others. */
export function selectorsOf(object: KubernetesObject): Shaped<typeof selectorShape>[] {
	const path = ["aggregationRule", "clusterRoleSelectors"];
	return (isRole(object) && partOf(object, path, [selectorShape])) || [];
}

/**
 * Whether the role can take rules of ClusterRoles that the program does not declare: those of Kubernetes, and those of charts,
 * whose labels are of every form. Every expression counts as if it selected them.
 */
export function aggregatesOthers(object: KubernetesObject): boolean {
	return selectorsOf(object).some(
		(selector) =>
			selectsEverything(selector) ||
			(selector.matchExpressions ?? []).length > 0 ||
			!Object.keys(selector.matchLabels ?? {}).some((key) => ownLabel.test(key)),
	);
}

/** Whether the object is a RoleBinding or a ClusterRoleBinding. */
export function isBinding({ apiVersion, kind }: KubernetesObject): boolean {
	return apiVersion === group && (kind === "RoleBinding" || kind === "ClusterRoleBinding");
}

/** The object as a binding, if it is one. */
export function bindingOf(object: KubernetesObject): Binding | undefined {
	return isBinding(object) ? partOf(object, [], bindingShape) : undefined;
}

/** Whether the subject is a group of the identity provider. The prefix separates them from Kubernetes' own groups. */
export function isGroupOfPeople({ kind, name }: SubjectReference): boolean {
	return kind === "Group" && name !== undefined && name.startsWith(oidcPrefix);
}

/** Whether the rule allows one of the verbs on the resource, by its name or by a wildcard. */
export function allows(rule: PolicyRule, apiGroup: string, resource: string, verbs: readonly string[]): boolean {
	const covers = (list: readonly string[] = [], ...wanted: string[]) =>
		list.some((entry) => [...wanted, "*"].includes(entry));
	if (!covers(rule.apiGroups, apiGroup)) {
		return false;
	}
	const [kind, subresource] = resource.split("/");
	return (
		covers(rule.resources, resource, ...(subresource ? [`*/${subresource}`, `${kind}/*`] : [])) &&
		covers(rule.verbs, ...verbs)
	);
}

/**
 * Roles that Kubernetes grants to groups of all clients, at every start: they show its version, the kinds of its API, the
 * client's own name, and its issuer's keys. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#discovery-roles
 */
const discoveryRoles: ReadonlyMap<string, readonly string[]> = new Map([
	["system:public-info-viewer", ["system:authenticated", "system:unauthenticated"]],
	["system:basic-user", ["system:authenticated"]],
	["system:discovery", ["system:authenticated"]],
	["system:service-account-issuer-discovery", ["system:serviceaccounts"]],
]);

/** Whether the binding gives such a group no more than Kubernetes itself does. */
export function isDiscovery({ roleRef }: Binding, group: string): boolean {
	return roleRef?.kind === "ClusterRole" && (discoveryRoles.get(roleRef.name ?? "") ?? []).includes(group);
}
