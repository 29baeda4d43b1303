import { oidcPrefix } from "../../../src/rke2/authentication.ts";
import { type ControlId, controlsIn } from "../../benchmark/index.ts";
import { addClusterRole, addClusterRoleBinding } from "../../lib/examples/objects.ts";
import { builtInRoles, powerfulAccounts, rolesForPeople } from "../../lib/kubernetes/built-in-roles.ts";
import type { KubernetesObject } from "../../lib/kubernetes/objects.ts";
import {
	allows,
	type Binding,
	bindingOf,
	isGroupOfPeople,
	type PolicyRule,
	rulesOf,
} from "../../lib/kubernetes/roles.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { rolesAndBindings } from "../../lib/rules/subjects.ts";

interface Permission {
	/** Id of the control. */
	control: ControlId;
	group: string;
	resource: string;
	verbs: readonly string[];
	/** The consequence of the permission. */
	because: string;
	/** Names of single objects that have the same consequence; other names do not. */
	evenFor?: RegExp;
}

/** Kubernetes' own users and groups, such as system:masters, and those of the identity provider, such as the administrators. */
const powerfulPeople = new RegExp(`^(?:system:|${oidcPrefix})`);

const change = ["create", "update", "patch", "delete"];

/** Permissions that lead to all others. */
const sensitive: readonly Permission[] = [
	{ control: "5.1.2", group: "", resource: "secrets", verbs: ["get", "list", "watch"], because: "read every secret" },
	{ control: "5.1.4", group: "", resource: "pods", verbs: ["create"], because: "run as any ServiceAccount" },
	...["clusterroles", "roles"].flatMap((resource): Permission[] => {
		const common = { control: "5.1.8" as const, group: "rbac.authorization.k8s.io", resource };
		return [
			// The roles of Kubernetes that read Secrets or grant roles.
			{
				...common,
				verbs: ["bind"],
				because: "take any role",
				evenFor: /^(?:cluster-admin|admin|edit|system:.*)$/,
			},
			// Every permission can be written into a role of any name.
			{ ...common, verbs: ["escalate"], because: "make any role", evenFor: /^/ },
		];
	}),
	...["users", "groups", "serviceaccounts"].map(
		(resource): Permission => ({
			control: "5.1.8",
			group: "",
			resource,
			verbs: ["impersonate"],
			because: "act as any user",
			evenFor: resource === "serviceaccounts" ? powerfulAccounts : powerfulPeople,
		}),
	),
	{
		control: "5.1.9",
		group: "",
		resource: "persistentvolumes",
		verbs: ["create"],
		because: "mount any path of a node",
	},
	{
		control: "5.1.10",
		group: "",
		resource: "nodes/proxy",
		verbs: ["get", "create"],
		because: "command kubelets past the audit log",
	},
	{
		control: "5.1.11",
		group: "certificates.k8s.io",
		resource: "certificatesigningrequests/approval",
		verbs: ["update", "patch"],
		because: "issue any client certificate",
	},
	...["validatingwebhookconfigurations", "mutatingwebhookconfigurations"].map(
		(resource): Permission => ({
			control: "5.1.12",
			group: "admissionregistration.k8s.io",
			resource,
			verbs: change,
			because: "read and change every object that is admitted",
		}),
	),
	{
		control: "5.1.13",
		group: "",
		resource: "serviceaccounts/token",
		verbs: ["create"],
		because: "act as any ServiceAccount",
		evenFor: powerfulAccounts,
	},
];

/**
 * Each of them leads to the rights of an administrator. A role that names single, harmless objects does not; a binding to a
 * role of Kubernetes that has such a permission does.
 */
export const kubernetesRbacPermissions: ObjectRule & { limits: readonly Permission[] } = {
	name: "kubernetes-rbac-permissions",
	description:
		"No role grants a permission that leads to others, and no subject is bound to such a role of Kubernetes.",
	severity: "high",
	controls: controlsIn(sensitive),
	frameworks: { cisControls: ["5.4", "6.8"], iso27001: ["A.5.15", "A.8.2"], nist80053: ["AC-3", "AC-6"] },
	remediation: "Remove the permission, or name the objects it is for in resourceNames.",
	url: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#kubernetes-rbac-privilege-escalation-risks",
	limits: sensitive,
	subject: rolesAndBindings,
	examples: [
		{
			change: "creating pods in every namespace",
			apply: addClusterRole({
				apiGroups: [""],
				resources: ["pods"],
				verbs: ["create"],
			}),
			sentence: "ClusterRole app may create pods, which is to run as any ServiceAccount (control 5.1.4).",
		},
		{
			change: "the role of the controller that writes roles",
			apply: addClusterRoleBinding("system:controller:clusterrole-aggregation-controller", "oidc:astronomers"),
			sentence:
				"ClusterRoleBinding app grants system:controller:clusterrole-aggregation-controller; bind a role with the permissions that are used (control 5.1.8).",
		},
	],

	checkObject(object, report) {
		const rules = rulesOf(object);
		for (const { control, group, resource, verbs, because, evenFor } of sensitive) {
			if (rules.some((rule) => isUnlimited(rule, evenFor) && allows(rule, group, resource, verbs))) {
				report(`${object.subject} may ${verbs.join(" or ")} ${resource}, which is to ${because}.`, control);
			}
		}
		const binding = bindingOf(object);
		const role = binding && clusterRoleOf(object, binding);
		if (role === undefined || (rolesForPeople.includes(role) && isForPeople(object, binding!))) {
			return;
		}
		for (const control of builtInRoles.get(role) ?? []) {
			report(`${object.subject} grants ${role}; bind a role with the permissions that are used.`, control);
		}
	},
};

/** The name of the bound ClusterRole. A patch can add to Kubernetes' own bindings, which have the names of their roles. */
function clusterRoleOf({ metadata, patch }: KubernetesObject, { roleRef }: Binding): string | undefined {
	const unsaid = patch ? { kind: "ClusterRole", name: metadata.name } : {};
	const { kind = unsaid.kind, name = unsaid.name } = roleRef ?? {};
	return kind === "ClusterRole" ? name : undefined;
}

/** Whether the binding is for groups of people in one namespace. */
function isForPeople({ kind }: KubernetesObject, { subjects = [] }: Binding): boolean {
	return kind === "RoleBinding" && subjects.every(isGroupOfPeople);
}

/** A request without an object's name, such as list or create, has the empty name, which stands for every object. */
function isUnlimited({ resourceNames = [] }: PolicyRule, evenFor: RegExp | undefined): boolean {
	return resourceNames.length === 0 || resourceNames.some((name) => name === "" || evenFor?.test(name));
}
