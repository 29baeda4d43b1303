import { podOf } from "../lib/pods.ts";
import type { ObjectRule } from "../lib/rule.ts";

/** A token in a pod that never calls the API serves only whoever breaks into it. */
export const kubernetesServiceAccountTokens: ObjectRule = {
	name: "kubernetes-service-account-tokens",
	description: "Tokens are mounted only into pods that say they need one.",
	severity: "medium",
	evidence: { cisControls: ["5.4", "6.8"], iso27001: ["A.5.15", "A.5.17"], nist80053: ["AC-6", "IA-5"] },
	remediation:
		"Set automountServiceAccountToken: false on every ServiceAccount, and say on every pod whether it needs the token.",
	url: "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",

	checkObject(object, report) {
		const { apiVersion, kind, manifest, patch, subject } = object;
		const account = apiVersion === "v1" && kind === "ServiceAccount";
		if (
			account &&
			manifest.automountServiceAccountToken !== false &&
			!(patch && !("automountServiceAccountToken" in manifest))
		) {
			report(`${subject} mounts its token into every pod; set automountServiceAccountToken: false.`);
		}
		const pod = podOf(object);
		if (pod && !patch && pod.automountServiceAccountToken === undefined) {
			report(`${subject} does not say whether it needs a token; set automountServiceAccountToken.`);
		}
	},
};
