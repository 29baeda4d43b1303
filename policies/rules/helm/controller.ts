import type { ObjectRule } from "../../lib/rules/rule.ts";

/** Charts of RKE2 whose values the program sets. */
const configured = ["rke2-canal"];

/**
 * RKE2 installs what a HelmChart names, and changes what a HelmChartConfig names: objects that no rule ever sees. Releases
 * of the program are rendered and judged (`npm run policy:charts`).
 */
export const helmController: ObjectRule = {
	name: "helm-controller",
	description: "Nothing is installed by RKE2's Helm controller, and only the listed charts of RKE2 get values.",
	severity: "high",
	evidence: { cisControls: ["2.2", "4.1"], iso27001: ["A.8.9", "A.8.19"], nist80053: ["CM-2", "CM-6"] },
	remediation: "Declare a release in the program; list a chart of RKE2 here once its values have been reviewed.",
	url: "https://docs.rke2.io/add-ons/helm",

	checkObject(object, report) {
		const { apiVersion, kind, metadata, subject } = object;
		if (!apiVersion.startsWith("helm.cattle.io/")) {
			return;
		}
		if (kind === "HelmChart") {
			report(`${subject} installs a chart out of sight of the rules; declare a release in its place.`);
		} else if (!configured.includes(metadata.name ?? "")) {
			report(`${subject} sets values out of sight of the rules; allowed is ${configured.join(", ")}.`);
		}
	},
};
