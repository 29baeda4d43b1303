import { aggregatesBuiltIn, rulesOf } from "../../lib/kubernetes/roles.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";

/** A wildcard grants what the next release of Kubernetes or the next chart adds, before anybody has read it. */
export const kubernetesRbacWildcards: ObjectRule = {
	name: "kubernetes-rbac-wildcards",
	judges: "roles",
	description: "Roles name their API groups, resources and verbs.",
	severity: "high",
	evidence: { cisControls: ["5.4", "6.8"], iso27001: ["A.5.15", "A.8.2"], nist80053: ["AC-3", "AC-6"] },
	remediation: "List the API groups, resources and verbs that are used.",
	url: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",

	checkObject(object, report) {
		const fields = ["apiGroups", "resources", "verbs", "nonResourceURLs"] as const;
		const rules = rulesOf(object);
		const wild = fields.filter((field) => rules.some((rule) => rule[field]?.some(isWildcard)));
		if (wild.length > 0) {
			report(`${object.subject} has * in ${wild.join(", ")}; list what is used.`);
		}
		if (aggregatesBuiltIn(object)) {
			report(
				`${object.subject} takes in rules of Kubernetes' own ClusterRoles; select by matchLabels of your own in aggregationRule.`,
			);
		}
	},
};

/** A path that is `/*` is a prefix of every other. */
function isWildcard(entry: string): boolean {
	return entry === "*" || entry === "/*";
}
