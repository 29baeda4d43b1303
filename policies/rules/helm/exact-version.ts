import { valid } from "semver";
import { releaseRule } from "../../lib/rules/subjects.ts";

/** Without an exact version each update installs what the repository holds that day, and no review has seen it. */
export const helmExactVersion = releaseRule({
	name: "helm-exact-version",
	description: "Every Helm release names one exact chart version.",
	severity: "medium",
	evidence: { cisControls: ["2.2", "16.5"], iso27001: ["A.8.19", "A.8.32"], nist80053: ["CM-2", "CM-3", "SI-7"] },
	remediation: "Set `version` of the release to one full version such as 41.3.0.",

	check({ version }, report, { name }) {
		if (version === undefined) {
			report(`Release ${name} has no version; set one full version such as 41.3.0.`);
		} else if (valid(version) === null) {
			report(`Release ${name} has the version ${version}; set one full version such as 41.3.0, not a range.`);
		}
	},
});
