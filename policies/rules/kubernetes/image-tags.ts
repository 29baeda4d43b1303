import { addDeployment } from "../../lib/examples/objects.ts";
import { containersIn } from "../../lib/kubernetes/pods.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { pods } from "../../lib/rules/subjects.ts";

/** The image behind `latest` changes: two nodes then run two programs, and neither was reviewed. */
export const kubernetesImageTags: ObjectRule = {
	name: "kubernetes-image-tags",
	description: "Every image names one version or digest.",
	severity: "medium",
	controls: [],
	frameworks: { cisControls: ["2.2", "16.5"], iso27001: ["A.8.19"], nist80053: ["CM-2", "SI-7"] },
	remediation: "Name a version, or better a digest.",
	url: "https://kubernetes.io/docs/concepts/containers/images/",
	subject: pods,
	examples: [
		{
			change: "an image without a version",
			apply: addDeployment({ image: "registry.example:5000/app" }),
			sentence:
				"Container main of Deployment monitoring/app runs registry.example:5000/app, which names no version; name one, or a digest.",
		},
	],

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
