import { machineRule } from "../lib/rules-about.ts";

/** An account without a key is reachable by the console only, and the next hand on it sets a password. */
export const vmSshKeys = machineRule({
	name: "vm-ssh-keys",
	description: "Cloud-init gives the account of every machine at least one SSH key.",
	severity: "medium",
	evidence: { cisControls: ["5.2", "6.8"], iso27001: ["A.5.17", "A.8.5"], nist80053: ["IA-2", "IA-5"] },
	remediation: "List a public key in `initialization.userAccount.keys`.",
	url: "https://pve.proxmox.com/pve-docs/chapter-qm.html#qm_cloud_init",

	check(machine, report, resource) {
		if ((machine.initialization?.userAccount?.keys ?? []).length === 0) {
			report(`Machine ${resource.name} has no SSH key in cloud-init; list one.`);
		}
	},
});
