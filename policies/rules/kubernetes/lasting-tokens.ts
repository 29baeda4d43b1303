import { labNamespace } from "../../lib/examples/objects.ts";
import { addResource } from "../../lib/examples/resources.ts";
import { partOf } from "../../lib/kubernetes/objects.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { secrets } from "../../lib/rules/subjects.ts";

/** What the control plane makes of a Secret with such a type. */
const tokens: ReadonlyMap<string, string> = new Map([
	["kubernetes.io/service-account-token", "a token of a ServiceAccount that never expires"],
	["bootstrap.kubernetes.io/token", "a token with which machines join the cluster"],
]);

/** A copied token of this kind works until somebody deletes the Secret. */
export const kubernetesLastingTokens: ObjectRule = {
	name: "kubernetes-lasting-tokens",
	description: "No Secret makes a token that does not expire.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["5.4", "6.2"], iso27001: ["A.5.17", "A.8.5"], nist80053: ["AC-6", "IA-5"] },
	remediation: "Mount a projected token into the pod, or ask for one that expires: `kubectl create token`.",
	url: "https://kubernetes.io/docs/concepts/security/service-accounts/#get-a-token",
	subject: secrets,
	examples: [
		{
			change: "a token that never expires",
			apply: addResource("kubernetes:core/v1:Secret", "app", {
				metadata: {
					name: "app",
					namespace: labNamespace,
					annotations: { "kubernetes.io/service-account.name": "app" },
				},
				type: "kubernetes.io/service-account-token",
			}),
			sentence:
				"Secret monitoring/app makes a token of a ServiceAccount that never expires; mount a projected token, or ask for one by kubectl create token.",
		},
	],

	checkObject(object, report) {
		if (object.apiVersion !== "v1" || object.kind !== "Secret") {
			return;
		}
		const token = tokens.get(partOf(object, ["type"], "string") ?? "");
		if (token) {
			report(`${object.subject} makes ${token}; mount a projected token, or ask for one by kubectl create token.`);
		}
	},
};
