import { addManifest, labNamespace } from "../../lib/examples/objects.ts";
import type { KubernetesObject } from "../../lib/kubernetes/objects.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { declares } from "../../lib/rules/subjects.ts";

/** Charts of RKE2 whose values the program sets. */
const configured = ["rke2-canal"];

/**
 * RKE2 installs the chart of a HelmChart, and changes the values of the chart that a HelmChartConfig names. No rule sees the
 * objects of these charts. Releases of the program are rendered and evaluated (`npm run policy:charts`).
 */
export const helmController: ObjectRule = {
	name: "helm-controller",
	description:
		"RKE2's Helm controller installs no chart of the program, and only the listed charts of RKE2 get values.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["2.2", "4.1"], iso27001: ["A.8.9", "A.8.19"], nist80053: ["CM-2", "CM-6"] },
	remediation: "Declare a release in the program; list a chart of RKE2 here once its values have been reviewed.",
	url: "https://docs.rke2.io/add-ons/helm",
	subject: { plural: "charts of RKE2's Helm controller", isDeclaredBy: declares(isOfHelmController) },
	examples: [
		{
			change: "a chart that RKE2's Helm controller installs",
			apply: addManifest({
				apiVersion: "helm.cattle.io/v1",
				kind: "HelmChart",
				metadata: { name: "app", namespace: "kube-system" },
				spec: { chart: "app", repo: "https://charts.example", targetNamespace: labNamespace },
			}),
			sentence: "HelmChart kube-system/app installs a chart whose objects no rule sees; declare a release instead.",
		},
	],

	checkObject(object, report) {
		const { kind, metadata, subject } = object;
		if (!isOfHelmController(object)) {
			return;
		}
		if (kind === "HelmChart") {
			report(`${subject} installs a chart whose objects no rule sees; declare a release instead.`);
		} else if (!configured.includes(metadata.name ?? "")) {
			report(`${subject} sets values of a chart that no rule sees; allowed is ${configured.join(", ")}.`);
		}
	},
};

function isOfHelmController({ apiVersion }: KubernetesObject): boolean {
	return apiVersion.startsWith("helm.cattle.io/");
}
