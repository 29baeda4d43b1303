import { addDeployment } from "../../lib/examples/objects.ts";
import { containersIn } from "../../lib/kubernetes/pods.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { pods } from "../../lib/rules/subjects.ts";

/** Every child process inherits the environment, and crash reports print it. */
export const kubernetesSecretsInEnvironment: ObjectRule = {
	name: "kubernetes-secrets-in-environment",
	description: "Secrets are mounted as files, not passed as environment.",
	severity: "low",
	controls: ["5.4.1"],
	frameworks: { cisControls: ["3.3", "3.11"], iso27001: ["A.5.17"], nist80053: ["IA-5", "SC-28"] },
	remediation: "Mount the Secret as a volume and read the file.",
	url: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
	subject: pods,
	examples: [
		{
			change: "a secret in the environment",
			apply: addDeployment({
				env: [{ name: "PASSWORD", valueFrom: { secretKeyRef: { name: "app", key: "password" } } }],
			}),
			sentence: "Container main of Deployment monitoring/app has a secret in PASSWORD; mount it as a file.",
		},
	],

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
