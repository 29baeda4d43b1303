import { editFiles, serverNodes } from "../../lib/examples/nodes.ts";
import { containersIn } from "../../lib/kubernetes/pods.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { pods } from "../../lib/rules/subjects.ts";

/** Each gives access to the kernel, its devices, or the files and processes of other containers. */
const ofTheNode = [
	"ALL",
	"BPF",
	"DAC_READ_SEARCH",
	"PERFMON",
	"SYS_ADMIN",
	"SYS_BOOT",
	"SYS_MODULE",
	"SYS_PTRACE",
	"SYS_RAWIO",
];

/** A rule of its own, because a network agent needs an exception from `kubernetes-capabilities` that must not cover these. */
export const kubernetesNodeCapabilities: ObjectRule = {
	name: "kubernetes-node-capabilities",
	description: "No container adds a capability that gives control of the node.",
	severity: "critical",
	controls: ["5.2.9"],
	frameworks: { cisControls: ["4.1", "5.4"], iso27001: ["A.8.2", "A.8.9"], nist80053: ["AC-6", "CM-7"] },
	remediation: `Remove ${ofTheNode.join(", ")} from capabilities.add.`,
	url: "https://man7.org/linux/man-pages/man7/capabilities.7.html",
	subject: pods,
	examples: [
		{
			change: "kube-vip with the capability that loads kernel modules",
			apply: editFiles(serverNodes, "- NET_RAW", "- SYS_MODULE"),
			sentence:
				"Container kube-vip of DaemonSet kube-system/kube-vip adds SYS_MODULE; allowed is no capability that gives control of the node.",
		},
	],

	checkObject(object, report) {
		for (const { name, securityContext } of containersIn(object)) {
			const { add = [] } = securityContext?.capabilities ?? {};
			const found = add.filter((capability) => ofTheNode.includes(capability.toUpperCase()));
			if (found.length > 0) {
				report(
					`Container ${name} of ${object.subject} adds ${found.join(", ")}; allowed is no capability that gives control of the node.`,
				);
			}
		}
	},
};
