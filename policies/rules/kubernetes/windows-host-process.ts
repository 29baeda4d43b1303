import { addDeployment } from "../../lib/examples/objects.ts";
import { containersIn, podOf } from "../../lib/kubernetes/pods.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { pods } from "../../lib/rules/subjects.ts";

/** A HostProcess container is the privileged container of Windows. */
export const kubernetesWindowsHostProcess: ObjectRule = {
	name: "kubernetes-windows-host-process",
	description: "No container is a Windows HostProcess.",
	severity: "high",
	controls: ["5.2.10"],
	frameworks: { cisControls: ["4.1", "5.4"], iso27001: ["A.8.2", "A.8.9"], nist80053: ["AC-6", "CM-7"] },
	remediation: "Remove windowsOptions.hostProcess.",
	url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
	subject: pods,
	examples: [
		{
			change: "a HostProcess container",
			apply: addDeployment({
				securityContext: { windowsOptions: { hostProcess: true } },
			}),
			sentence: "Deployment monitoring/app runs as a Windows HostProcess; remove windowsOptions.hostProcess.",
		},
	],

	checkObject(object, report) {
		const contexts = [podOf(object), ...containersIn(object)].map((holder) => holder?.securityContext);
		if (contexts.some((context) => context?.windowsOptions?.hostProcess)) {
			report(`${object.subject} runs as a Windows HostProcess; remove windowsOptions.hostProcess.`);
		}
	},
};
