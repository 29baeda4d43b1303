import { platformNamespaces } from "../../../src/facts/add-ons.ts";
import { controlsIn } from "../../benchmark/index.ts";
import { addClusterRole, addClusterRoleBinding } from "../../lib/examples/objects.ts";
import { builtInRoles, rolesForPeople } from "../../lib/kubernetes/built-in-roles.ts";
import { accessIn, type OutsideGrant } from "../../lib/kubernetes/rights/access.ts";
import { type Escalation, escalations } from "../../lib/kubernetes/rights/escalations.ts";
import { sentenceOf } from "../../lib/kubernetes/rights/sentence.ts";
import { isGroupOfPeople } from "../../lib/kubernetes/roles.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { rolesAndBindings } from "../../lib/rules/subjects.ts";

const decided = escalations.filter((escalation) => escalation.control !== undefined);

/**
 * Each of them leads to the rights of an administrator. A role that names single, harmless objects does not; a binding to a
 * role of Kubernetes that has such a permission does. The escalations without a control are in kubernetes-rbac-escalation.
 *
 * The subject of an exception is the holder: another account that is bound to the same role has no exception.
 */
export const kubernetesRbacPermissions: StackRule & { limits: readonly Escalation[] } = {
	name: "kubernetes-rbac-permissions",
	description:
		"No role grants a permission that leads to others, and no subject is bound to such a role of Kubernetes.",
	severity: "high",
	controls: controlsIn(decided),
	frameworks: { cisControls: ["5.4", "6.8"], iso27001: ["A.5.15", "A.8.2"], nist80053: ["AC-3", "AC-6"] },
	remediation:
		"Remove the permission, or name the objects it is for in resourceNames. An exception names the account, group or user, such as `ServiceAccount traefik/traefik`.",
	url: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks",
	limits: decided,
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

	checkStack(resources, report) {
		const { findings, outside } = accessIn(resources);
		for (const finding of findings) {
			const { control } = finding.escalation;
			if (control) {
				report(sentenceOf(finding), { resource: finding.declared.resource, subject: finding.holder }, control);
			}
		}
		for (const grant of outside) {
			const { resource, object } = grant.declared;
			for (const control of isForPeople(grant) ? [] : controlsOfRole(grant)) {
				const message = `${object.subject} grants ${grant.role}; bind a role with the permissions that are used.`;
				report(message, { resource, subject: object.subject }, control);
			}
		}
	},
};

function controlsOfRole({ kind, role }: OutsideGrant): readonly string[] {
	return kind === "ClusterRole" ? (builtInRoles.get(role) ?? []) : [];
}

/** Namespaces whose pods have the rights of controllers: an editor there has them too. */
const powerfulNamespaces: readonly string[] = [...Object.values(platformNamespaces), "default"];

/** Whether the binding makes groups of people the editors or administrators of a namespace for workloads. */
function isForPeople({ kind, role, subjects, declared: { object } }: OutsideGrant): boolean {
	const { namespace } = object.metadata;
	return (
		kind === "ClusterRole" &&
		rolesForPeople.includes(role) &&
		object.kind === "RoleBinding" &&
		namespace !== undefined &&
		!namespace.startsWith("kube-") &&
		!powerfulNamespaces.includes(namespace) &&
		subjects.every(isGroupOfPeople)
	);
}
