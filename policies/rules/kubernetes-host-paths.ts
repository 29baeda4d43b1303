import { podOf } from "../lib/pods.ts";
import type { ObjectRule } from "../lib/rule.ts";

/** A path of the node is the node's: the kubelet's credentials, the sockets of the runtime, another pod's volumes. */
export const kubernetesHostPaths: ObjectRule = {
	name: "kubernetes-host-paths",
	description: "No pod mounts a path of its node.",
	severity: "high",
	evidence: { cisControls: ["3.3", "4.1"], iso27001: ["A.8.2", "A.8.3"], nist80053: ["AC-3", "AC-6"] },
	remediation: "Use a persistent volume, an emptyDir or a projected volume.",
	url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",

	checkObject(object, report) {
		for (const { name, hostPath } of podOf(object)?.volumes ?? []) {
			if (hostPath) {
				report(`${object.subject} mounts ${hostPath.path} of its node as ${name}; use another kind of volume.`);
			}
		}
	},
};
