import { containersIn } from "../../lib/kubernetes/pods.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";

/** The environment is inherited by every child, and printed in crash reports. */
export const kubernetesSecretsInEnvironment: ObjectRule = {
	name: "kubernetes-secrets-in-environment",
	judges: "pods",
	description: "Secrets are mounted as files, not passed as environment.",
	severity: "low",
	evidence: { cisControls: ["3.3", "3.11"], iso27001: ["A.5.17"], nist80053: ["IA-5", "SC-28"] },
	remediation: "Mount the Secret as a volume and read the file.",
	url: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",

	checkObject(object, report) {
		for (const { name, env = [], envFrom = [] } of containersIn(object)) {
			const variables = env.filter(({ valueFrom }) => valueFrom?.secretKeyRef).map((variable) => variable.name);
			if (envFrom.some(({ secretRef }) => secretRef)) {
				variables.push("envFrom");
			}
			if (variables.length > 0) {
				report(`Container ${name} of ${object.subject} has a secret in ${variables.join(", ")}; mount it as a file.`);
			}
		}
	},
};
