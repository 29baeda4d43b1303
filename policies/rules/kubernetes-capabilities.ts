import { containersOf, podOf } from "../lib/pods.ts";
import type { ObjectRule } from "../lib/rule.ts";

/** The runtime's default set holds NET_RAW, with which a pod forges the packets of its neighbours. */
export const kubernetesCapabilities: ObjectRule = {
	name: "kubernetes-capabilities",
	description: "Containers drop every capability and add none but NET_BIND_SERVICE.",
	severity: "medium",
	evidence: { cisControls: ["4.1", "5.4"], iso27001: ["A.8.2", "A.8.9"], nist80053: ["AC-6", "CM-7"] },
	remediation: "Set capabilities.drop: [ALL] and add nothing but NET_BIND_SERVICE.",
	url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",

	checkObject(object, report) {
		for (const { name, securityContext } of containersOf(podOf(object) ?? {})) {
			const { add = [], drop = [] } = securityContext?.capabilities ?? {};
			if (!object.patch && !drop.some((capability) => capability.toUpperCase() === "ALL")) {
				report(`Container ${name} of ${object.subject} keeps capabilities of the runtime; drop ALL.`);
			}
			const added = add.filter((capability) => capability !== "NET_BIND_SERVICE");
			if (added.length > 0) {
				report(`Container ${name} of ${object.subject} adds ${added.join(", ")}; allowed is NET_BIND_SERVICE.`);
			}
		}
	},
};
