import { addDeployment } from "../../lib/examples/objects.ts";
import { isLeftAlone } from "../../lib/kubernetes/objects.ts";
import { containersIn } from "../../lib/kubernetes/pods.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { pods } from "../../lib/rules/subjects.ts";

/** An attacker cannot store programs in a container whose files are read-only. */
export const kubernetesSecurityContext: ObjectRule = {
	name: "kubernetes-security-context",
	description: "Containers have a security context with a read-only root file system.",
	severity: "low",
	controls: ["5.6.3"],
	frameworks: { cisControls: ["4.1"], iso27001: ["A.8.9"], nist80053: ["AC-6", "CM-6"] },
	remediation: "Set securityContext.readOnlyRootFilesystem: true and mount an emptyDir where the program writes.",
	url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
	subject: pods,
	examples: [
		{
			change: "a container that writes to its image's files",
			apply: addDeployment({
				securityContext: { readOnlyRootFilesystem: false },
			}),
			sentence:
				"Container main of Deployment monitoring/app can write to its root file system; set readOnlyRootFilesystem.",
		},
	],

	checkObject(object, report) {
		for (const { name, securityContext } of containersIn(object)) {
			const fixed = securityContext?.readOnlyRootFilesystem;
			if (fixed !== true && !isLeftAlone(object, fixed)) {
				report(`Container ${name} of ${object.subject} can write to its root file system; set readOnlyRootFilesystem.`);
			}
		}
	},
};
