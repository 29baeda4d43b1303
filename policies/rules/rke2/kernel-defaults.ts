import { addToConfig, everyNode } from "../../lib/examples/nodes.ts";
import { argumentsOf, isTrue } from "../../lib/rke2/component-arguments.ts";
import { nodeRule } from "../../lib/rules/subjects.ts";

const key = "protect-kernel-defaults";

/** Without it the kubelet runs on a kernel with other settings than the hardened ones; with the CIS profile RKE2 exits. */
export const rke2KernelDefaults = nodeRule({
	name: "rke2-kernel-defaults",
	description: "The kubelet refuses a kernel whose settings differ from its own.",
	severity: "medium",
	controls: [],
	frameworks: { cisControls: ["4.1"], iso27001: ["A.8.9"], nist80053: ["CM-6"] },
	remediation: "Remove `protect-kernel-defaults` from config.yaml; the CIS profile sets it.",
	url: "https://docs.rke2.io/security/hardening_guide",
	examples: [
		{
			change: "protect-kernel-defaults: false",
			apply: addToConfig(everyNode, "protect-kernel-defaults: false"),
			sentence: "The RKE2 configuration in proj-k8sm01-converge turns protect-kernel-defaults off; remove the key.",
		},
	],

	check(config, report) {
		const value = config.effective[key];
		if (value !== undefined && String(value) !== "true") {
			report(`${config.title} turns ${key} off; remove the key.`);
		}
		if (argumentsOf(config, "kubelet-arg").some(({ name, value }) => name === key && !isTrue(value))) {
			report(`${config.title} turns ${key} off in kubelet-arg; remove it.`);
		}
	},
});
