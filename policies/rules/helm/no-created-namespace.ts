import { releaseRule } from "../../lib/rules/subjects.ts";

/** What Helm creates, no rule sees: such a namespace has neither the label nor the policies that the others must have. */
export const helmNoCreatedNamespace = releaseRule({
	name: "helm-no-created-namespace",
	description: "No Helm release creates its own namespace.",
	severity: "medium",
	evidence: { cisControls: ["4.1"], iso27001: ["A.8.9"], nist80053: ["CM-6"] },
	remediation: "Declare the namespace in the program, with its Pod Security label and its NetworkPolicies.",

	check({ createNamespace }, report, { name }) {
		if (createNamespace === true) {
			report(`Release ${name} has createNamespace: true; declare its namespace in the program.`);
		}
	},
});
