import { podOf } from "../lib/pods.ts";
import type { ObjectRule } from "../lib/rule.ts";

/** In the host's namespaces a pod sees its processes and its traffic, and no NetworkPolicy selects it. */
export const kubernetesHostNamespaces: ObjectRule = {
	name: "kubernetes-host-namespaces",
	description: "No pod shares the host's process, IPC or network namespace.",
	severity: "high",
	evidence: { cisControls: ["4.1", "13.4"], iso27001: ["A.8.2", "A.8.22"], nist80053: ["AC-6", "SC-7"] },
	remediation: "Remove hostPID, hostIPC and hostNetwork.",
	url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",

	checkObject(object, report) {
		const pod = podOf(object) ?? {};
		const shared = (["hostPID", "hostIPC", "hostNetwork"] as const).filter((field) => pod[field]);
		if (shared.length > 0) {
			report(`${object.subject} has ${shared.join(", ")}; remove it.`);
		}
	},
};
