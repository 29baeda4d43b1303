import { addDeployment } from "../../lib/examples/objects.ts";
import { isLeftAlone } from "../../lib/kubernetes/objects.ts";
import { confinedIn } from "../../lib/kubernetes/pods.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { pods } from "../../lib/rules/subjects.ts";

/** Root in a container is root on the node after the next escape. */
export const kubernetesRootContainers: ObjectRule = {
	name: "kubernetes-root-containers",
	description: "No container runs as root.",
	severity: "medium",
	controls: ["5.2.7"],
	frameworks: { cisControls: ["4.1", "5.4"], iso27001: ["A.8.2", "A.8.9"], nist80053: ["AC-6", "CM-7"] },
	remediation: "Set runAsNonRoot: true on the pod or on every container.",
	url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
	subject: pods,
	examples: [
		{
			change: "a container that runs as root",
			apply: addDeployment({ securityContext: { runAsUser: 0 } }),
			sentence: "Container main of Deployment monitoring/app may run as root; set runAsNonRoot: true.",
		},
	],

	checkObject(object, report) {
		for (const { subject, own, inherited } of confinedIn(object)) {
			const user = own.runAsUser ?? inherited.runAsUser;
			const nonRoot = own.runAsNonRoot ?? inherited.runAsNonRoot;
			if (user === 0 || (nonRoot !== true && !isLeftAlone(object, nonRoot))) {
				report(`${subject} may run as root; set runAsNonRoot: true.`);
			}
		}
	},
};
