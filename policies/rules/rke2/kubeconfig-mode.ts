import { editFiles, serverNodes } from "../../lib/examples/nodes.ts";
import { serverRule } from "../../lib/rules/subjects.ts";

/** The file gives all rights of the administrator. RKE2's YAML reads 0600 without quotes as the number 384. */
export const rke2KubeconfigMode = serverRule({
	name: "rke2-kubeconfig-mode",
	description: "Only root reads the administrator's kubeconfig on a server.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["3.3", "6.8"], iso27001: ["A.5.17", "A.8.3"], nist80053: ["AC-3", "AC-6", "IA-5"] },
	remediation: 'Set `write-kubeconfig-mode` to "0600", quoted, or leave it out; leave `write-kubeconfig-group` out.',
	url: "https://docs.rke2.io/reference/server_config",
	examples: [
		{
			change: "a kubeconfig that every user of the node reads",
			apply: editFiles(serverNodes, /write-kubeconfig-mode: .*/, 'write-kubeconfig-mode: "0644"'),
			sentence:
				'The RKE2 configuration in proj-k8sm01-converge has write-kubeconfig-mode: 0644; allowed is "0600" or less.',
		},
	],

	check(config, report) {
		const mode = config.effective["write-kubeconfig-mode"] ?? "0600";
		if (!/^0?[0-6]00$/.test(String(mode))) {
			report(`${config.title} has write-kubeconfig-mode: ${String(mode)}; allowed is "0600" or less.`);
		}
		if (config.effective["write-kubeconfig-group"] !== undefined) {
			report(`${config.title} gives the kubeconfig to a group; remove write-kubeconfig-group.`);
		}
	},
});
