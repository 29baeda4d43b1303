import { labNamespace } from "../../lib/examples/objects.ts";
import { addResource } from "../../lib/examples/resources.ts";
import { isLeftAlone, type KubernetesObject, partOf } from "../../lib/kubernetes/objects.ts";
import { accountOf, isReplacedWithItsPod, podOf, podPath } from "../../lib/kubernetes/pods.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { accountsAndPods } from "../../lib/rules/subjects.ts";

/** A token in a pod that never calls the API serves only an attacker. */
export const kubernetesServiceAccountTokens: ObjectRule = {
	name: "kubernetes-service-account-tokens",
	description: "Tokens are mounted only into pods that ask for one.",
	severity: "medium",
	controls: ["5.1.6"],
	frameworks: { cisControls: ["5.4", "6.8"], iso27001: ["A.5.15", "A.5.17"], nist80053: ["AC-6", "IA-5"] },
	remediation: "Set automountServiceAccountToken: false on every ServiceAccount, and true or false on every pod.",
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
			report(`${object.subject} does not set automountServiceAccountToken; set it to whether the pod needs a token.`);
		}
	},

	// The default account has no role (kubernetes-default-service-account). Only the owner of another account knows whether
	// its token is used.
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

/** The setting of an account about its token. */
function mountedBy(account: KubernetesObject): boolean | undefined {
	return partOf(account, ["automountServiceAccountToken"], "boolean");
}
