import { editFiles, serverNodes } from "../../lib/examples/nodes.ts";
import { pluginsOf } from "../../lib/rke2/component-arguments.ts";
import { serverRule } from "../../lib/rules/subjects.ts";

/**
 * Without the plugin a pod can run a private image that another pod's credentials brought to the node. With it no pod starts
 * while the registry is out of reach: RKE2 leaves it off, and the administrator decides.
 */
export const rke2AlwaysPullImages = serverRule({
	name: "rke2-always-pull-images",
	description: "Every pod pulls its images with its own credentials.",
	severity: "low",
	controls: ["1.2.11"],
	frameworks: { cisControls: ["6.8"], iso27001: ["A.8.2"], nist80053: ["AC-3", "AC-6"] },
	remediation: "Add AlwaysPullImages to `enable-admission-plugins` in `kube-apiserver-arg` of every server.",
	url: "https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#alwayspullimages",
	examples: [
		{
			change: "servers without AlwaysPullImages",
			repaired: editFiles(serverNodes, ",EventRateLimit", ",EventRateLimit,AlwaysPullImages"),
			apply: editFiles(serverNodes, ",AlwaysPullImages", ""),
			withoutExceptions: true,
			sentence: "The RKE2 configuration in proj-k8sm01-converge does not enable AlwaysPullImages; add it.",
		},
	],

	check(config, report) {
		if (!pluginsOf(config, "enable-admission-plugins").includes("AlwaysPullImages")) {
			report(`${config.title} does not enable AlwaysPullImages; add it.`);
		}
	},
});
