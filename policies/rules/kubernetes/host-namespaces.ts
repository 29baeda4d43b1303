import { addDeployment } from "../../lib/examples/objects.ts";
import { podOf } from "../../lib/kubernetes/pods.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { pods } from "../../lib/rules/subjects.ts";

/** In the host's namespaces a pod sees the host's processes and traffic, and no NetworkPolicy selects it. */
export const kubernetesHostNamespaces: ObjectRule = {
	name: "kubernetes-host-namespaces",
	description: "No pod shares the host's process, IPC or network namespace.",
	severity: "high",
	controls: ["5.2.3", "5.2.4", "5.2.5"],
	frameworks: { cisControls: ["4.1", "13.4"], iso27001: ["A.8.2", "A.8.22"], nist80053: ["AC-6", "SC-7"] },
	remediation: "Remove hostPID, hostIPC and hostNetwork.",
	url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
	subject: pods,
	examples: [
		{
			change: "a pod that sees the node's processes",
			apply: addDeployment({}, { hostPID: true }),
			sentence: "Deployment monitoring/app has hostPID; remove it (control 5.2.3).",
		},
	],

	checkObject(object, report) {
		const { hostPID, hostIPC, hostNetwork } = podOf(object) ?? {};
		if (hostPID) {
			report(`${object.subject} has hostPID; remove it.`, "5.2.3");
		}
		if (hostIPC) {
			report(`${object.subject} has hostIPC; remove it.`, "5.2.4");
		}
		if (hostNetwork) {
			report(`${object.subject} has hostNetwork; remove it.`, "5.2.5");
		}
	},
};
