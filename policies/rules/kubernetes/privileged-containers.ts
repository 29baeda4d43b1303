import { addDeployment } from "../../lib/examples/objects.ts";
import { containersIn } from "../../lib/kubernetes/pods.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { pods } from "../../lib/rules/subjects.ts";

/** A privileged container is root on the node and can read every other pod's secrets. */
export const kubernetesPrivilegedContainers: ObjectRule = {
	name: "kubernetes-privileged-containers",
	description: "No container is privileged.",
	severity: "critical",
	controls: ["5.2.2"],
	frameworks: { cisControls: ["4.1", "5.4"], iso27001: ["A.8.2", "A.8.9"], nist80053: ["AC-6", "CM-7"] },
	remediation: "Remove securityContext.privileged; add the one capability that is needed.",
	url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
	subject: pods,
	examples: [
		{
			change: "a privileged container",
			apply: addDeployment({ securityContext: { privileged: true } }),
			sentence: "Container main of Deployment monitoring/app is privileged; remove securityContext.privileged.",
		},
	],

	checkObject(object, report) {
		for (const { name, securityContext } of containersIn(object)) {
			if (securityContext?.privileged) {
				report(`Container ${name} of ${object.subject} is privileged; remove securityContext.privileged.`);
			}
		}
	},
};
