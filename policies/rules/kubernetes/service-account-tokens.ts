import { labNamespace } from "../../lib/examples/objects.ts";
import { addResource } from "../../lib/examples/resources.ts";
import { isLeftAlone, type KubernetesObject, partOf } from "../../lib/kubernetes/objects.ts";
import { accountOf, isReplacedWithItsPod, podOf, podPath } from "../../lib/kubernetes/pods.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { accountsAndPods } from "../../lib/rules/subjects.ts";

/** A token in a pod that never calls the API serves only whoever breaks into it. */
export const kubernetesServiceAccountTokens: ObjectRule = {
	name: "kubernetes-service-account-tokens",
	description: "Tokens are mounted only into pods that say they need one.",
	severity: "medium",
	controls: ["5.1.6"],
	frameworks: { cisControls: ["5.4", "6.8"], iso27001: ["A.5.15", "A.5.17"], nist80053: ["AC-6", "IA-5"] },
	remediation:
		"Set automountServiceAccountToken: false on every ServiceAccount, and say on every pod whether it needs the token.",
	url: "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",
	subject: accountsAndPods,
	examples: [
		{
			change: "an account that mounts its token into every pod",
			apply: addResource("kubernetes:core/v1:ServiceAccount", "app", {
				metadata: { name: "app", namespace: labNamespace },
			}),
			sentence:
				"ServiceAccount monitoring/app mounts its token into every pod; set automountServiceAccountToken: false.",
		},
	],

	checkObject(object, report) {
		const { apiVersion, kind } = object;
		if (apiVersion === "v1" && kind === "ServiceAccount") {
			const mounted = mountedBy(object);
			if (mounted !== false && !isLeftAlone(object, mounted)) {
				report(`${object.subject} mounts its token into every pod; set automountServiceAccountToken: false.`);
			}
		}
		const pod = podOf(object);
		const said = pod?.automountServiceAccountToken;
		if (pod && said === undefined && !isLeftAlone(object, said)) {
			report(`${object.subject} does not say whether it needs a token; set automountServiceAccountToken.`);
		}
	},

	// Nothing is granted to the default account (kubernetes-default-service-account). Whether another one's token is used,
	// only its owner knows.
	remedies(object) {
		if (isReplacedWithItsPod(object)) {
			return [];
		}
		const pod = podOf(object);
		const path = pod ? podPath(object)! : [];
		const account = pod ? (accountOf(pod) ?? "default") : object.metadata.name;
		return account === "default" && (pod ? pod.automountServiceAccountToken : mountedBy(object)) === undefined
			? [{ path: [...path, "automountServiceAccountToken"], value: false }]
			: [];
	},
};

/** What an account says of its token. */
function mountedBy(account: KubernetesObject): boolean | undefined {
	return partOf(account, ["automountServiceAccountToken"], "boolean");
}
