import { containersOf, podOf, podPath } from "../lib/pods.ts";
import type { ObjectRule } from "../lib/rule.ts";

/** Unconfined, a container may make every system call of the kernel that it shares. */
export const kubernetesSeccomp: ObjectRule = {
	name: "kubernetes-seccomp",
	description: "Pods run under the runtime's seccomp profile, or one of their own.",
	severity: "medium",
	evidence: { cisControls: ["4.1"], iso27001: ["A.8.9"], nist80053: ["CM-7", "SC-39"] },
	remediation: "Set securityContext.seccompProfile.type to RuntimeDefault or Localhost.",
	url: "https://kubernetes.io/docs/tutorials/security/seccomp/",

	checkObject(object, report) {
		const pod = podOf(object);
		if (!pod || object.patch) {
			return;
		}
		for (const { name, securityContext } of containersOf(pod)) {
			const type = (securityContext?.seccompProfile ?? pod.securityContext?.seccompProfile)?.type;
			if (type !== "RuntimeDefault" && type !== "Localhost") {
				report(
					`Container ${name} of ${object.subject} has the seccomp profile ${type ?? "of the kubelet"}; allowed are RuntimeDefault and Localhost.`,
				);
			}
		}
	},

	// What the kubelet gives the same containers (rke2-kubelet-hardening). Windows refuses a pod that names a profile.
	remedies(object) {
		const pod = podOf(object) ?? {};
		const silent = containersOf(pod).some(({ securityContext }) => !securityContext?.seccompProfile);
		return silent && !pod.securityContext?.seccompProfile && pod.os?.name !== "windows"
			? [{ path: [...podPath(object)!, "securityContext", "seccompProfile"], value: { type: "RuntimeDefault" } }]
			: [];
	},
};
