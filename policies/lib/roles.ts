/** Roles and their bindings. */
import type { KubernetesObject } from "./kubernetes.ts";

export interface PolicyRule {
	apiGroups?: string[];
	resources?: string[];
	resourceNames?: string[];
	verbs?: string[];
	nonResourceURLs?: string[];
}

export interface Binding {
	roleRef?: { kind?: string; name?: string };
	subjects?: { kind?: string; name?: string; namespace?: string }[];
}

const group = "rbac.authorization.k8s.io/v1";

/** The rules of a Role or ClusterRole; none for any other object. */
export function rulesOf({ apiVersion, kind, manifest }: KubernetesObject): PolicyRule[] {
	const role = apiVersion === group && (kind === "Role" || kind === "ClusterRole");
	return role ? ((manifest.rules as PolicyRule[] | undefined) ?? []) : [];
}

/** The object as a RoleBinding or ClusterRoleBinding, if it is one. */
export function bindingOf({ apiVersion, kind, manifest }: KubernetesObject): Binding | undefined {
	const binding = apiVersion === group && (kind === "RoleBinding" || kind === "ClusterRoleBinding");
	return binding ? (manifest as Binding) : undefined;
}

/** Whether the rule allows one of the verbs on the resource, by its name or by a wildcard. */
export function allows(rule: PolicyRule, apiGroup: string, resource: string, verbs: readonly string[]): boolean {
	const covers = (list: string[] = [], ...wanted: string[]) => list.some((entry) => [...wanted, "*"].includes(entry));
	const [kind, subresource] = resource.split("/");
	return (
		covers(rule.apiGroups, apiGroup) &&
		covers(rule.resources, resource, ...(subresource ? [`*/${subresource}`, `${kind}/*`] : [])) &&
		covers(rule.verbs, ...verbs)
	);
}
