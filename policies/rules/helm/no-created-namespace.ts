import { editResource } from "../../lib/examples/resources.ts";
import { releaseRule } from "../../lib/rules/subjects.ts";

/** No rule sees a namespace that Helm creates. It has neither the label nor the policies that the rules require. */
export const helmNoCreatedNamespace = releaseRule({
	name: "helm-no-created-namespace",
	description: "No Helm release creates its own namespace.",
	severity: "medium",
	controls: [],
	frameworks: { cisControls: ["4.1"], iso27001: ["A.8.9"], nist80053: ["CM-6"] },
	remediation: "Declare the namespace in the program, with its Pod Security label and its NetworkPolicies.",
	examples: [
		{
			change: "a release that creates its own namespace",
			apply: editResource("kubernetes:helm.sh/v3:Release", "metallb", (props) => ({ ...props, createNamespace: true })),
			sentence: "Release metallb has createNamespace: true; declare its namespace in the program.",
		},
	],

	check({ createNamespace }, report, { name }) {
		if (createNamespace === true) {
			report(`Release ${name} has createNamespace: true; declare its namespace in the program.`);
		}
	},
});
