import { addClusterRoleBinding } from "../../lib/examples/objects.ts";
import { bindingOf } from "../../lib/kubernetes/roles.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { bindings } from "../../lib/rules/subjects.ts";

/** Its members pass every authorization, webhooks included, and keep that without any binding. */
const group = "system:masters";

export const kubernetesSystemMasters: ObjectRule = {
	name: "kubernetes-system-masters",
	description: "No role is bound to the group system:masters.",
	severity: "critical",
	controls: ["5.1.7"],
	frameworks: { cisControls: ["5.4", "6.8"], iso27001: ["A.5.15", "A.8.2"], nist80053: ["AC-3", "AC-6"] },
	remediation: "Bind a group of your identity provider.",
	url: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
	subject: bindings,
	examples: [
		{
			change: "a role for system:masters",
			apply: addClusterRoleBinding("view", "system:masters"),
			sentence: "ClusterRoleBinding app names system:masters; bind a group of your identity provider.",
		},
	],

	checkObject(object, report) {
		if (bindingOf(object)?.subjects?.some(({ name }) => name === group)) {
			report(`${object.subject} names ${group}; bind a group of your identity provider.`);
		}
	},
};
