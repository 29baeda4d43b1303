import { containersOf, podOf } from "../lib/pods.ts";
import type { ObjectRule } from "../lib/rule.ts";

/** Root in a container is root on the node after the next escape. */
export const kubernetesRootContainers: ObjectRule = {
	name: "kubernetes-root-containers",
	description: "No container runs as root.",
	severity: "medium",
	evidence: { cisControls: ["4.1", "5.4"], iso27001: ["A.8.2", "A.8.9"], nist80053: ["AC-6", "CM-7"] },
	remediation: "Set runAsNonRoot: true on the pod or on every container.",
	url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",

	checkObject(object, report) {
		const pod = podOf(object);
		if (!pod || object.patch) {
			return;
		}
		for (const { name, securityContext } of containersOf(pod)) {
			const user = securityContext?.runAsUser ?? pod.securityContext?.runAsUser;
			const nonRoot = securityContext?.runAsNonRoot ?? pod.securityContext?.runAsNonRoot;
			if (user === 0 || nonRoot !== true) {
				report(`Container ${name} of ${object.subject} may run as root; set runAsNonRoot: true.`);
			}
		}
	},
};
