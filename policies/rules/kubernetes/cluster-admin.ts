import { administratorsBinding, oidcPrefix } from "../../../src/facts/administrators.ts";
import { addClusterRoleBinding } from "../../lib/examples/objects.ts";
import type { KubernetesObject } from "../../lib/kubernetes/objects.ts";
import { type Binding, bindingOf, isGroupOfPeople } from "../../lib/kubernetes/roles.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { bindings } from "../../lib/rules/subjects.ts";

/** Kubernetes' own binding of it, to system:masters, has the same name. */
const role = "cluster-admin";

/**
 * A subject with this role can undo every rule of the pack. RKE2's administrator has it by certificate, without a binding.
 *
 * One binding may grant it: the program makes it from `access.clusterAdministrators`. A cluster has one object of that kind
 * and name, so that no second list of groups can exist beside the stack file's.
 */
export const kubernetesClusterAdmin: ObjectRule = {
	name: "kubernetes-cluster-admin",
	description: "Only the stack file's groups of administrators are bound to the role cluster-admin.",
	severity: "critical",
	controls: ["5.1.1"],
	frameworks: { cisControls: ["5.4", "6.8"], iso27001: ["A.5.15", "A.8.2"], nist80053: ["AC-3", "AC-6"] },
	remediation:
		"Bind a role with the permissions that are used; a group of administrators belongs in `access.clusterAdministrators`.",
	url: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
	subject: bindings,
	examples: [
		{
			change: "a second binding of administrators",
			apply: addClusterRoleBinding("cluster-admin", "oidc:astronomers"),
			sentence: "ClusterRoleBinding app grants cluster-admin; bind a role with the permissions that are used.",
		},
		{
			change: "a group that is not the identity provider's among the administrators",
			apply: addClusterRoleBinding("cluster-admin", "astronomers", administratorsBinding),
			sentence:
				"ClusterRoleBinding cluster-administrators grants cluster-admin to Group astronomers; allowed are groups whose name begins oidc:",
		},
	],

	checkObject(object, report) {
		const binding = bindingOf(object);
		if (!binding || !grantsEverything(object, binding)) {
			return;
		}
		if (!isAdministratorsBinding(object)) {
			report(`${object.subject} grants cluster-admin; bind a role with the permissions that are used.`);
			return;
		}
		const others = (binding.subjects ?? []).filter((subject) => !isGroupOfPeople(subject));
		if (others.length > 0) {
			const names = others.map(({ kind, name }) => `${kind} ${name}`).join(", ");
			report(`${object.subject} grants cluster-admin to ${names}; allowed are groups whose name begins ${oidcPrefix}`);
		}
	},
};

/** A patch can add subjects to a binding without naming its role. */
function grantsEverything({ metadata, patch }: KubernetesObject, { roleRef }: Binding): boolean {
	return roleRef?.name === role || (patch && [role, administratorsBinding].includes(metadata.name ?? ""));
}

function isAdministratorsBinding({ kind, metadata, patch }: KubernetesObject): boolean {
	return kind === "ClusterRoleBinding" && metadata.name === administratorsBinding && !patch;
}
