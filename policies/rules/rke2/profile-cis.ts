import { editFiles, everyNode } from "../../lib/examples/nodes.ts";
import { nodeRule } from "../../lib/rules/subjects.ts";

/** This one key sets file modes, the audit log, the admission of pods and the check of the kernel's settings. */
export const rke2ProfileCis = nodeRule({
	name: "rke2-profile-cis",
	description: "RKE2 runs with `profile: cis` on every node.",
	severity: "critical",
	controls: ["1.2.16", "1.2.17", "1.2.18", "1.2.19", "1.2.30", "3.2.1", "5.2.1"],
	frameworks: {
		cisControls: ["4.1", "8.2"],
		iso27001: ["A.8.9", "A.8.15"],
		nist80053: ["AU-12", "CM-6"],
	},
	remediation: "Render `profile: cis` into config.yaml, and into no drop-in anything else.",
	url: "https://docs.rke2.io/security/hardening_guide",
	examples: [
		{
			change: "config.yaml without a profile",
			apply: editFiles(everyNode, "| profile: cis\n", ""),
			sentence: "The RKE2 configuration in proj-k8sm01-converge has no profile; the only allowed one is cis.",
		},
	],

	check({ title, effective: { profile } }, report) {
		if (profile !== "cis") {
			const found = profile === undefined ? "no profile" : `the profile ${profile}`;
			report(`${title} has ${found}; the only allowed one is cis.`);
		}
	},
});
