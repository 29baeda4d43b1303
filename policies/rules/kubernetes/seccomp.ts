import { addDeployment } from "../../lib/examples/objects.ts";
import { isLeftAlone } from "../../lib/kubernetes/objects.ts";
import { confinedIn, containersIn, isReplacedWithItsPod, podOf, podPath } from "../../lib/kubernetes/pods.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { pods } from "../../lib/rules/subjects.ts";

/** Without a profile, a container may make every system call of the node's kernel. */
export const kubernetesSeccomp: ObjectRule = {
	name: "kubernetes-seccomp",
	description: "Pods run under the runtime's seccomp profile, or one of their own.",
	severity: "medium",
	controls: ["5.6.2"],
	frameworks: { cisControls: ["4.1"], iso27001: ["A.8.9"], nist80053: ["CM-7", "SC-39"] },
	remediation: "Set securityContext.seccompProfile.type to RuntimeDefault or Localhost.",
	url: "https://kubernetes.io/docs/tutorials/security/seccomp/",
	subject: pods,
	examples: [
		{
			change: "a container without a filter of system calls",
			apply: addDeployment({
				securityContext: { seccompProfile: { type: "Unconfined" } },
			}),
			sentence:
				"Container main of Deployment monitoring/app has the seccomp profile Unconfined; allowed are RuntimeDefault and Localhost.",
		},
	],

	checkObject(object, report) {
		for (const { subject, own, inherited } of confinedIn(object)) {
			const type = (own.seccompProfile ?? inherited.seccompProfile)?.type;
			if (type !== "RuntimeDefault" && type !== "Localhost" && !isLeftAlone(object, type)) {
				report(
					`${subject} has the seccomp profile ${type ?? "of the kubelet"}; allowed are RuntimeDefault and Localhost.`,
				);
			}
		}
	},

	// The kubelet gives the same containers this profile (rke2-kubelet-hardening). Windows refuses a pod that names a profile.
	// The object of a patch may set a profile that the patch does not show.
	remedies(object) {
		if (isReplacedWithItsPod(object)) {
			return [];
		}
		const pod = podOf(object) ?? {};
		const silent = containersIn(object).some(({ securityContext }) => !securityContext?.seccompProfile);
		return silent && !object.patch && !pod.securityContext?.seccompProfile && pod.os?.name !== "windows"
			? [{ path: [...podPath(object)!, "securityContext", "seccompProfile"], value: { type: "RuntimeDefault" } }]
			: [];
	},
};
