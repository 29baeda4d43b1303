import { addDeployment } from "../../lib/examples/objects.ts";
import { containersIn } from "../../lib/kubernetes/pods.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { pods } from "../../lib/rules/subjects.ts";

/** A host port is open to every client that reaches the node, and no other program there can use it. */
export const kubernetesHostPorts: ObjectRule = {
	name: "kubernetes-host-ports",
	description: "No container takes a port of its node.",
	severity: "medium",
	controls: ["5.2.12"],
	frameworks: { cisControls: ["4.4", "4.8"], iso27001: ["A.8.20"], nist80053: ["CM-7", "SC-7"] },
	remediation: "Remove hostPort and expose the pod by a Service.",
	url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
	subject: pods,
	examples: [
		{
			change: "a port of the node",
			apply: addDeployment({ ports: [{ containerPort: 8080, hostPort: 8080 }] }),
			sentence: "Container main of Deployment monitoring/app takes the port 8080 of its node; remove hostPort.",
		},
	],

	checkObject(object, report) {
		for (const { name, ports = [] } of containersIn(object)) {
			const taken = ports.map(({ hostPort }) => hostPort ?? 0).filter((port) => port !== 0);
			if (taken.length > 0) {
				report(
					`Container ${name} of ${object.subject} takes the port ${taken.join(", ")} of its node; remove hostPort.`,
				);
			}
		}
	},
};
