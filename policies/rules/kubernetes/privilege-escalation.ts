import { addDeployment } from "../../lib/examples/objects.ts";
import { isLeftAlone } from "../../lib/kubernetes/objects.ts";
import { containersIn } from "../../lib/kubernetes/pods.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { pods } from "../../lib/rules/subjects.ts";

/** The default is true: a set-uid binary in the image then gains privileges that the container does not have. */
export const kubernetesPrivilegeEscalation: ObjectRule = {
	name: "kubernetes-privilege-escalation",
	description: "No container can gain privileges.",
	severity: "medium",
	controls: ["5.2.6"],
	frameworks: { cisControls: ["4.1", "5.4"], iso27001: ["A.8.2", "A.8.9"], nist80053: ["AC-6", "CM-7"] },
	remediation: "Set securityContext.allowPrivilegeEscalation: false on every container.",
	url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
	subject: pods,
	examples: [
		{
			change: "a container that can gain privileges",
			apply: addDeployment({
				securityContext: { allowPrivilegeEscalation: true },
			}),
			sentence: "Container main of Deployment monitoring/app does not set allowPrivilegeEscalation to false.",
		},
	],

	checkObject(object, report) {
		for (const { name, securityContext } of containersIn(object)) {
			const allowed = securityContext?.allowPrivilegeEscalation;
			if (allowed !== false && !isLeftAlone(object, allowed)) {
				report(`Container ${name} of ${object.subject} does not set allowPrivilegeEscalation to false.`);
			}
		}
	},
};
