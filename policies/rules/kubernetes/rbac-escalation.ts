import { addClusterRole, addClusterRoleBinding } from "../../lib/examples/objects.ts";
import { builtInRoles, rolesForPeople } from "../../lib/kubernetes/built-in-roles.ts";
import { declaredObjects } from "../../lib/kubernetes/objects.ts";
import { accessIn, type OutsideGrant } from "../../lib/kubernetes/rights/access.ts";
import { sentenceOf } from "../../lib/kubernetes/rights/sentence.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { rolesAndBindings } from "../../lib/rules/subjects.ts";

/** Decided by kubernetes-cluster-admin. */
const everything = "cluster-admin";

/**
 * The escalations of Kubernetes' page for which the benchmark has no control, and roles whose permissions the pack does not know: those of
 * charts and of RKE2 can read every Secret.
 */
export const kubernetesRbacEscalation: StackRule = {
	name: "kubernetes-rbac-escalation",
	description: "No subject can take further permissions by a way that the benchmark does not name.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["5.4", "6.8"], iso27001: ["A.5.15", "A.8.2"], nist80053: ["AC-3", "AC-6"] },
	remediation:
		"Remove the permission, or declare a role with the permissions that are used. An exception names the account, group, user or binding, such as `ServiceAccount gpu-operator/gpu-operator`.",
	url: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks",
	subject: rolesAndBindings,
	examples: [
		{
			change: "commands in every pod",
			apply: addClusterRole({ apiGroups: [""], resources: ["pods/exec"], verbs: ["create"] }),
			sentence: "ClusterRole app may create pods/exec, which is to run commands in any pod.",
		},
		{
			change: "the role of a chart, which reads every Secret, for people",
			apply: addClusterRoleBinding("traefik-traefik", "oidc:astronomers"),
			sentence:
				"ClusterRoleBinding app grants ClusterRole traefik-traefik, which the stack does not declare; bind a role that it declares, or view.",
		},
	],

	checkStack(resources, report) {
		const { findings, outside } = accessIn(resources);
		for (const finding of findings) {
			if (finding.escalation.control === undefined) {
				report(sentenceOf(finding), { resource: finding.declared.resource, subject: finding.holder });
			}
		}
		const limited = outside.some(isForEditors) ? namespacesWithQuota(resources) : new Set();
		for (const grant of outside) {
			const { resource, object } = grant.declared;
			const message = mistakeOf(grant, limited);
			if (message) {
				report(message, { resource, subject: object.subject });
			}
		}
	},
};

function mistakeOf(grant: OutsideGrant, limited: ReadonlySet<unknown>): string | undefined {
	const { kind, role, declared } = grant;
	const { subject, metadata } = declared.object;
	if (kind !== "ClusterRole" || (role !== everything && !builtInRoles.has(role))) {
		return `${subject} grants ${kind} ${role}, which the stack does not declare; bind a role that it declares, or view.`;
	}
	return isForEditors(grant) && !limited.has(metadata.namespace)
		? `${subject} grants ${role} in a namespace without a ResourceQuota, so that its subjects can fill etcd; declare a quota.`
		: undefined;
}

function isForEditors({ role, declared: { object } }: OutsideGrant): boolean {
	return rolesForPeople.includes(role) && object.kind === "RoleBinding";
}

/** Objects of a namespace are limited in number by its quota alone. */
function namespacesWithQuota(resources: readonly Resource[]): Set<unknown> {
	return new Set(
		declaredObjects(resources)
			.map(({ object }) => object)
			.filter(({ apiVersion, kind, patch }) => apiVersion === "v1" && kind === "ResourceQuota" && !patch)
			.map(({ metadata }) => metadata.namespace),
	);
}
