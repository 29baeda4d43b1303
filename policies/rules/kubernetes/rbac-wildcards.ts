import { addClusterRole } from "../../lib/examples/objects.ts";
import { aggregatesOthers, rulesOf } from "../../lib/kubernetes/roles.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { roles } from "../../lib/rules/subjects.ts";

/** A wildcard also grants what the next release of Kubernetes or the next chart adds, without a review. */
export const kubernetesRbacWildcards: ObjectRule = {
	name: "kubernetes-rbac-wildcards",
	description: "Roles name their API groups, resources and verbs.",
	severity: "high",
	controls: ["5.1.3"],
	frameworks: { cisControls: ["5.4", "6.8"], iso27001: ["A.5.15", "A.8.2"], nist80053: ["AC-3", "AC-6"] },
	remediation: "List the API groups, resources and verbs that are used.",
	url: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
	subject: roles,
	examples: [
		{
			change: "every verb on ConfigMaps",
			apply: addClusterRole({
				apiGroups: [""],
				resources: ["configmaps"],
				verbs: ["*"],
			}),
			sentence: "ClusterRole app has * in verbs; list what is used.",
		},
	],

	checkObject(object, report) {
		const fields = ["apiGroups", "resources", "verbs", "nonResourceURLs"] as const;
		const rules = rulesOf(object);
		const wild = fields.filter((field) => rules.some((rule) => rule[field]?.some(isWildcard)));
		if (wild.length > 0) {
			report(`${object.subject} has * in ${wild.join(", ")}; list what is used.`);
		}
		if (aggregatesOthers(object)) {
			report(
				`${object.subject} can take rules of Kubernetes' and of charts' ClusterRoles by its aggregationRule; select a label such as rbac.example.com/aggregate-to-app: "true", which only your own ClusterRoles have.`,
			);
		}
	},
};

/** The path `/*` matches every other path. */
function isWildcard(entry: string): boolean {
	return entry === "*" || entry === "/*";
}
