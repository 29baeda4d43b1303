import { addDeployment } from "../../lib/examples/objects.ts";
import { isLeftAlone } from "../../lib/kubernetes/objects.ts";
import { containersIn } from "../../lib/kubernetes/pods.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { pods } from "../../lib/rules/subjects.ts";

/** The runtime's default set has NET_RAW, with which a pod can forge the packets of other pods. */
export const kubernetesCapabilities: ObjectRule = {
	name: "kubernetes-capabilities",
	description: "Containers drop every capability and add none but NET_BIND_SERVICE.",
	severity: "medium",
	controls: ["5.2.8", "5.2.9"],
	frameworks: { cisControls: ["4.1", "5.4"], iso27001: ["A.8.2", "A.8.9"], nist80053: ["AC-6", "CM-7"] },
	remediation: "Set capabilities.drop: [ALL] and add nothing but NET_BIND_SERVICE.",
	url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
	subject: pods,
	examples: [
		{
			change: "a container that forges packets",
			apply: addDeployment({
				securityContext: { capabilities: { drop: ["ALL"], add: ["NET_RAW"] } },
			}),
			sentence:
				"Container main of Deployment monitoring/app can forge packets; drop ALL and do not add NET_RAW (control 5.2.8).",
		},
	],

	checkObject(object, report) {
		for (const { name, securityContext } of containersIn(object)) {
			const { add = [], drop } = securityContext?.capabilities ?? {};
			const container = `Container ${name} of ${object.subject}`;
			const dropped = isLeftAlone(object, drop) ? ["ALL"] : (drop ?? []).map((capability) => capability.toUpperCase());
			if (add.some(forges) || !(dropped.includes("ALL") || dropped.includes("NET_RAW"))) {
				report(`${container} can forge packets; drop ALL and do not add NET_RAW.`, "5.2.8");
			}
			const others = add.filter((capability) => !forges(capability) && capability !== "NET_BIND_SERVICE");
			if (others.length > 0) {
				report(`${container} adds ${others.join(", ")}; allowed is NET_BIND_SERVICE.`, "5.2.9");
			} else if (!dropped.includes("ALL")) {
				report(`${container} keeps capabilities of the runtime's default set; drop ALL.`, "5.2.9");
			}
		}
	},
};

function forges(capability: string): boolean {
	return ["NET_RAW", "ALL"].includes(capability.toUpperCase());
}
