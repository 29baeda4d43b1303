import { editFiles, serverNodes } from "../../lib/examples/nodes.ts";
import { serverRule } from "../../lib/rules/subjects.ts";

const enforcing = ["canal", "calico", "cilium"];

/** Flannel alone accepts every NetworkPolicy and enforces none. Another container network may do the same. */
export const rke2Cni = serverRule({
	name: "rke2-cni",
	description: "The container network enforces network policies.",
	severity: "high",
	controls: ["5.3.1"],
	frameworks: { cisControls: ["4.4", "13.4"], iso27001: ["A.8.20", "A.8.22"], nist80053: ["AC-4", "SC-7"] },
	remediation: "Set `cni` to canal, calico or cilium on every server.",
	url: "https://docs.rke2.io/networking/basic_network_options",
	examples: [
		{
			change: "cni: flannel",
			apply: editFiles(serverNodes, "| cni: canal\n", "| cni: flannel\n"),
			sentence: "The RKE2 configuration in proj-k8sm01-converge has cni: flannel; allowed are canal, calico, cilium.",
		},
	],

	check(config, report) {
		// RKE2's own default is canal.
		const found = [config.effective.cni ?? "canal"].flat().map(String);
		// Multus chains others behind it and enforces nothing itself.
		if (!found.some((cni) => enforcing.includes(cni)) || found.some((cni) => ![...enforcing, "multus"].includes(cni))) {
			report(`${config.title} has cni: ${found.join(", ")}; allowed are ${enforcing.join(", ")}.`);
		}
	},
});
