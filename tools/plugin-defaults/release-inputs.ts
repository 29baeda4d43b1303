/**
 * Inputs of a Helm release once its cluster answers. The plugin then writes every member of its own structure, and leaves out what
 * the structure does not have: pulumi-kubernetes, provider/pkg/provider/helm_release.go, `Release` and `Check`. The previews of
 * this tool have no cluster; the rehearsal of the lab sees these inputs.
 */
import type { PluginDefaults } from "../../policies/lib/record/plugin-defaults.ts";

const type = "kubernetes:helm.sh/v3:Release";

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

export const releaseInputs: Pick<PluginDefaults, "inputs" | "removed"> = {
	inputs: {
		[type]: {
			...Object.fromEntries(off.map((name) => [name, false])),
			...Object.fromEntries(empty.map((name) => [name, ""])),
			...Object.fromEntries(emptyOfRepository.map((name) => [`repositoryOpts.${name}`, ""])),
		},
	},
	removed: { [type]: ["compat"] },
};
