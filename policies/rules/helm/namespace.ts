import { editResource } from "../../lib/examples/resources.ts";
import { releaseRule } from "../../lib/rules/subjects.ts";

/** Without it, Helm uses the namespace of the kubeconfig, which is `default`. */
export const helmNamespace = releaseRule({
	name: "helm-namespace",
	description: "Every Helm release names its namespace, and none is in default.",
	severity: "medium",
	controls: ["5.6.4"],
	frameworks: { cisControls: ["4.1", "13.4"], iso27001: ["A.8.9", "A.8.22"], nist80053: ["AC-4", "CM-6"] },
	remediation: "Set `namespace` of the release to one that the program declares.",
	examples: [
		{
			change: "a release in the namespace default",
			apply: editResource("kubernetes:helm.sh/v3:Release", "metallb", (props) => ({ ...props, namespace: "default" })),
			sentence: "Release metallb is in the namespace default; set namespace to another.",
		},
	],

	check({ namespace }, report, { name }) {
		if (!namespace || namespace === "default") {
			report(`Release ${name} is in the namespace default; set namespace to another.`);
		}
	},
});
