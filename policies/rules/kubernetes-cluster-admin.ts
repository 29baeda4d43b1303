import { bindingOf } from "../lib/roles.ts";
import type { ObjectRule } from "../lib/rule.ts";

/** Whoever has it can take every rule of this pack back. RKE2's administrator has it by certificate, without a binding. */
export const kubernetesClusterAdmin: ObjectRule = {
	name: "kubernetes-cluster-admin",
	description: "Nothing binds the role cluster-admin.",
	severity: "critical",
	evidence: { cisControls: ["5.4", "6.8"], iso27001: ["A.5.15", "A.8.2"], nist80053: ["AC-3", "AC-6"] },
	remediation:
		"Bind a role with the permissions that are used; for a group of administrators, accept the binding by an exception.",
	url: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",

	checkObject(object, report) {
		if (bindingOf(object)?.roleRef?.name === "cluster-admin") {
			report(`${object.subject} grants cluster-admin; bind a role with the permissions that are used.`);
		}
	},
};
