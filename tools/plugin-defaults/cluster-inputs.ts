/**
 * Inputs that the plugin of Kubernetes adds or leaves out once the cluster answers. The previews of this tool have no cluster; the rehearsal
 * of the lab sees these inputs.
 */
import type { PluginDefaults } from "../../policies/lib/record/plugin-defaults.ts";

/**
 * The plugin writes every member of its own structure, and leaves out what the structure does not have: pulumi-kubernetes,
 * provider/pkg/provider/helm_release.go, `Release` and `Check`.
 */
const release = "kubernetes:helm.sh/v3:Release";

/**
 * Objects of the cluster whose kind a chart of the same `up` defines. Until the plugin has seen the definition it takes every such object for
 * one of a namespace, and corrects that when it creates the object: provider/pkg/provider/provider.go, `Check`.
 */
const kindsOfCharts = ["kubernetes:cert-manager.io/v1:ClusterIssuer"];

const off = [
	...["allowNullValues", "dependencyUpdate", "devel", "disableCRDHooks", "disableOpenapiValidation", "disableWebhooks"],
	...[
		"forceUpdate",
		"lint",
		"recreatePods",
		"renderSubchartNotes",
		"replace",
		"resetValues",
		"reuseValues",
		"skipAwait",
	],
	...["skipCrds", "verify", "waitForJobs"],
];
const empty = ["description", "keyring", "postrender"];
const emptyOfRepository = ["caFile", "certFile", "keyFile", "password", "username"];

export const clusterInputs: Pick<PluginDefaults, "inputs" | "removed"> = {
	inputs: {
		[release]: {
			...Object.fromEntries(off.map((name) => [name, false])),
			...Object.fromEntries(empty.map((name) => [name, ""])),
			...Object.fromEntries(emptyOfRepository.map((name) => [`repositoryOpts.${name}`, ""])),
		},
		...Object.fromEntries(kindsOfCharts.map((type) => [type, { "metadata.namespace": "default" }])),
	},
	removed: { [release]: ["compat"] },
};
