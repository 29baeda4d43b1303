import { containersIn } from "../../lib/kubernetes/pods.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";

/** What `latest` is changes under the pods that run it: two nodes run two programs, and no one has reviewed either. */
export const kubernetesImageTags: ObjectRule = {
	name: "kubernetes-image-tags",
	judges: "pods",
	description: "Every image names one version or digest.",
	severity: "medium",
	evidence: { cisControls: ["2.2", "16.5"], iso27001: ["A.8.19"], nist80053: ["CM-2", "SI-7"] },
	remediation: "Name a version, or better a digest.",
	url: "https://kubernetes.io/docs/concepts/containers/images/",

	checkObject(object, report) {
		for (const { name, image } of containersIn(object)) {
			if (image !== undefined && !namesOneVersion(image)) {
				report(`Container ${name} of ${object.subject} runs ${image}, which names no version; name one, or a digest.`);
			}
		}
	},
};

function namesOneVersion(image: string): boolean {
	// A registry may have a port: only what follows the last slash can be a tag.
	const [, tag = ""] = image.slice(image.lastIndexOf("/") + 1).split(":");
	return /@sha256:[0-9a-f]{64}$/.test(image) || !["", "latest"].includes(tag);
}
