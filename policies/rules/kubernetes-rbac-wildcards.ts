import { rulesOf } from "../lib/roles.ts";
import type { ObjectRule } from "../lib/rule.ts";

/** A wildcard grants what the next release of Kubernetes or the next chart adds, before anybody has read it. */
export const kubernetesRbacWildcards: ObjectRule = {
	name: "kubernetes-rbac-wildcards",
	description: "Roles name their API groups, resources and verbs.",
	severity: "high",
	evidence: { cisControls: ["5.4", "6.8"], iso27001: ["A.5.15", "A.8.2"], nist80053: ["AC-3", "AC-6"] },
	remediation: "List the API groups, resources and verbs that are used.",
	url: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",

	checkObject(object, report) {
		const fields = ["apiGroups", "resources", "verbs", "nonResourceURLs"] as const;
		const wild = fields.filter((field) => rulesOf(object).some((rule) => rule[field]?.includes("*")));
		if (wild.length > 0) {
			report(`${object.subject} has * in ${wild.join(", ")}; list what is used.`);
		}
	},
};
