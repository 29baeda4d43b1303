import { bindingOf } from "../lib/roles.ts";
import type { ObjectRule } from "../lib/rule.ts";

/** Groups and users that are everybody: whoever reaches the API, whoever has any account, every pod. */
const everybody = ["system:unauthenticated", "system:anonymous", "system:authenticated", "system:serviceaccounts"];

/** Its members pass every authorization, webhooks included, and no deleted binding takes it from them. */
export const kubernetesSystemMasters: ObjectRule = {
	name: "kubernetes-system-masters",
	description: "Nothing is bound to the group system:masters, nor to everybody.",
	severity: "critical",
	evidence: { cisControls: ["5.4", "6.8"], iso27001: ["A.5.15", "A.8.2"], nist80053: ["AC-3", "AC-6"] },
	remediation: "Bind a group of your identity provider.",
	url: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",

	checkObject(object, report) {
		const found = (bindingOf(object)?.subjects ?? [])
			.map(({ name = "" }) => name)
			.filter((name) => name === "system:masters" || everybody.includes(name));
		if (found.length > 0) {
			report(`${object.subject} names ${found.join(", ")}; bind a group of your identity provider.`);
		}
	},
};
