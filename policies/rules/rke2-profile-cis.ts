import { rke2ConfigOf } from "../lib/rke2-files.ts";
import type { ResourceRule } from "../lib/rule.ts";

/** The one key behind file modes, audit log, admission of pods and the check of the kernel's settings. */
export const rke2ProfileCis: ResourceRule = {
	name: "rke2-profile-cis",
	description: "RKE2 runs with `profile: cis` on every node.",
	severity: "critical",
	evidence: {
		cisControls: ["4.1", "8.2"],
		iso27001: ["A.8.9", "A.8.15"],
		nist80053: ["AU-12", "CM-6"],
	},
	remediation: "Render `profile: cis` into config.yaml, and into no drop-in anything else.",
	url: "https://docs.rke2.io/security/hardening_guide",
	concerned: rke2ConfigOf,

	checkResource(resource, report) {
		const config = rke2ConfigOf(resource);
		if (config && config.effective.profile !== "cis") {
			const found = config.effective.profile === undefined ? "no profile" : `the profile ${config.effective.profile}`;
			report(`${config.title} has ${found}; the only allowed one is cis.`);
		}
	},
};
