import { addDeployment } from "../../lib/examples/objects.ts";
import { isLeftAlone } from "../../lib/kubernetes/objects.ts";
import { containersIn } from "../../lib/kubernetes/pods.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { pods } from "../../lib/rules/subjects.ts";

/** One pod without a limit takes the memory of its node, and the kubelet evicts the others. */
export const kubernetesResourceLimits: ObjectRule = {
	name: "kubernetes-resource-limits",
	description: "Every container has a memory limit.",
	severity: "low",
	controls: [],
	frameworks: { cisControls: ["4.1"], iso27001: ["A.8.6"], nist80053: ["SC-5", "SC-6"] },
	remediation: "Set resources.limits.memory.",
	url: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
	subject: pods,
	examples: [
		{
			change: "a container without a limit of memory",
			apply: addDeployment({ resources: {} }),
			sentence: "Container main of Deployment monitoring/app has no memory limit; set resources.limits.memory.",
		},
	],

	checkObject(object, report) {
		for (const { name, resources } of containersIn(object)) {
			const limit = resources?.limits?.memory ?? undefined;
			if (limit === undefined && !isLeftAlone(object, limit)) {
				report(`Container ${name} of ${object.subject} has no memory limit; set resources.limits.memory.`);
			}
		}
	},
};
