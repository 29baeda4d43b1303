import { nodeFiles, rke2ConfigOf } from "../lib/rke2-files.ts";
import type { ResourceRule } from "../lib/rule.ts";

/** Off, the kubelet runs on a kernel with other settings than it was hardened for; with the CIS profile RKE2 exits. */
export const rke2KernelDefaults: ResourceRule = {
	name: "rke2-kernel-defaults",
	description: "The kubelet refuses a kernel whose settings differ from its own.",
	severity: "medium",
	evidence: { cisControls: ["4.1"], iso27001: ["A.8.9"], nist80053: ["CM-6"] },
	remediation: "Remove `protect-kernel-defaults` from config.yaml; the CIS profile sets it.",
	url: "https://docs.rke2.io/security/hardening_guide",

	checkResource(resource, report) {
		const value = rke2ConfigOf(nodeFiles(resource))?.effective["protect-kernel-defaults"];
		if (value !== undefined && String(value) !== "true") {
			report(`The RKE2 configuration in ${resource.name} turns protect-kernel-defaults off; remove the key.`);
		}
	},
};
