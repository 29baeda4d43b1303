import { chartRepositories } from "../../../src/facts/add-ons.ts";
import { labNamespace } from "../../lib/examples/objects.ts";
import { addResource, editResource } from "../../lib/examples/resources.ts";
import { helmRelease, type Release } from "../../lib/helm/releases.ts";
import type { ResourceRule } from "../../lib/rules/rule.ts";
import { releases } from "../../lib/rules/subjects.ts";

/**
 * Components of Pulumi's Kubernetes provider that make objects from a file or a chart. They make none while the cluster does
 * not answer, so a first preview has no objects to evaluate.
 */
export const objectMakingComponents: readonly string[] = [
	"kubernetes:helm.sh/v3:Chart",
	"kubernetes:helm.sh/v4:Chart",
	"kubernetes:kustomize:Directory",
	"kubernetes:kustomize/v2:Directory",
	"kubernetes:yaml:ConfigFile",
	"kubernetes:yaml:ConfigGroup",
	"kubernetes:yaml/v2:ConfigFile",
	"kubernetes:yaml/v2:ConfigGroup",
];

const listed = Object.keys(chartRepositories);

/** Only these charts are rendered and evaluated, with the values of the release itself (`npm run policy:charts`). */
export const helmListedCharts: ResourceRule = {
	name: "helm-listed-charts",
	description: "Objects come from the program or from a release of a listed chart, and no other program changes them.",
	severity: "high",
	controls: [],
	foundation: true,
	frameworks: { cisControls: ["2.2", "4.1"], iso27001: ["A.8.9", "A.8.19"], nist80053: ["CM-2", "CM-6"] },
	remediation:
		"Declare objects one by one, or a release with `values`; list a chart of another name in src/facts/add-ons.ts once it has been reviewed.",
	subject: releases,
	examples: [
		{
			change: "a chart that is rendered by Pulumi",
			apply: addResource("kubernetes:helm.sh/v4:Chart", "app", {
				chart: "app",
				version: "1.0.0",
				namespace: labNamespace,
			}),
			sentence:
				"app is a kubernetes:helm.sh/v4:Chart, whose objects no rule sees before Pulumi makes them; declare a release or the objects.",
		},
		{
			change: "a release that takes values from a file",
			apply: editResource("kubernetes:helm.sh/v3:Release", "traefik", (props) => ({
				...props,
				valueYamlFiles: [{ path: "v.yaml" }],
			})),
			sentence: "Release traefik takes values from files, which the policy pack cannot check; set values.",
		},
	],

	checkResource({ type, name, props }, report) {
		if (objectMakingComponents.includes(type)) {
			report(
				`${name} is a ${type}, whose objects no rule sees before Pulumi makes them; declare a release or the objects.`,
			);
		}
		if (type !== helmRelease) {
			return;
		}
		const { chart = "", repositoryOpts, valueYamlFiles = [], postrender } = props as Release;
		// The name of another chart can be an address with a password.
		if (!listed.includes(chart)) {
			report(`Release ${name} has a chart that is not listed; allowed are ${listed.join(", ")}.`);
		}
		// Without a repository, Helm reads the name as a folder of the workstation.
		if (!repositoryOpts?.repo) {
			report(`Release ${name} names no repository; set repositoryOpts.repo.`);
		}
		if (valueYamlFiles.length > 0) {
			report(`Release ${name} takes values from files, which the policy pack cannot check; set values.`);
		}
		if (postrender) {
			report(`Release ${name} lets a program change its objects; remove postrender.`);
		}
	},
};
