import { isLeftAlone } from "../../lib/kubernetes/objects.ts";
import { containersIn } from "../../lib/kubernetes/pods.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";

/** A container that cannot write to its own files cannot be made to keep what an attacker brings. */
export const kubernetesSecurityContext: ObjectRule = {
	name: "kubernetes-security-context",
	judges: "pods",
	description: "Containers have a security context with a read-only root file system.",
	severity: "low",
	evidence: { cisControls: ["4.1"], iso27001: ["A.8.9"], nist80053: ["AC-6", "CM-6"] },
	remediation: "Set securityContext.readOnlyRootFilesystem: true and mount an emptyDir where the program writes.",
	url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",

	checkObject(object, report) {
		for (const { name, securityContext } of containersIn(object)) {
			const fixed = securityContext?.readOnlyRootFilesystem;
			if (fixed !== true && !isLeftAlone(object, fixed)) {
				report(`Container ${name} of ${object.subject} can write to its root file system; set readOnlyRootFilesystem.`);
			}
		}
	},
};
