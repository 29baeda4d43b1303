import { valid } from "semver";
import { editResource } from "../../lib/examples/resources.ts";
import { releaseRule } from "../../lib/rules/subjects.ts";

/** Without an exact version each update installs the newest chart of that day, without a review. */
export const helmExactVersion = releaseRule({
	name: "helm-exact-version",
	description: "Every Helm release names one exact chart version.",
	severity: "medium",
	controls: [],
	frameworks: { cisControls: ["2.2", "16.5"], iso27001: ["A.8.19", "A.8.32"], nist80053: ["CM-2", "CM-3", "SI-7"] },
	remediation: "Set `version` of the release to one full version such as 41.3.0.",
	examples: [
		{
			change: "platform.traefik.version: a range",
			apply: editResource("kubernetes:helm.sh/v3:Release", "traefik", (props) => ({ ...props, version: "^41" })),
			sentence: "Release traefik has the version ^41; set one full version such as 41.3.0, not a range.",
		},
	],

	check({ version }, report, { name }) {
		if (version === undefined) {
			report(`Release ${name} has no version; set one full version such as 41.3.0.`);
		} else if (valid(version) === null) {
			report(`Release ${name} has the version ${version}; set one full version such as 41.3.0, not a range.`);
		}
	},
});
