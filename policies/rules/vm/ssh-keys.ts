import { editAccount } from "../../lib/examples/machines.ts";
import { whenKnown } from "../../lib/reading/known.ts";
import { machineRule } from "../../lib/rules/subjects.ts";

/** An account without a key is reachable by the console only, so that an administrator would set a password. */
export const vmSshKeys = machineRule({
	name: "vm-ssh-keys",
	description: "Cloud-init gives the account of every machine at least one SSH key.",
	severity: "medium",
	controls: [],
	frameworks: { cisControls: ["5.2", "6.8"], iso27001: ["A.5.17", "A.8.5"], nist80053: ["IA-2", "IA-5"] },
	remediation: "List a public key in `initialization.userAccount.keys`.",
	url: "https://pve.proxmox.com/pve-docs/chapter-qm.html#qm_cloud_init",
	examples: [
		{
			change: "no key for the account of a worker",
			apply: editAccount("proj-k8sw01", { keys: [] }),
			sentence: "Machine proj-k8sw01 has no SSH key in cloud-init; list one.",
		},
	],

	check(machine, report, resource) {
		const keys = machine.initialization?.userAccount?.keys ?? [];
		if ([...keys.keys()].every((index) => isBlank(keys, index))) {
			report(`Machine ${resource.name} has no SSH key in cloud-init; list one.`);
		}
	},
});

/** The key that the program makes is not known at a first preview. It is never blank. */
function isBlank(keys: readonly unknown[], index: number): boolean {
	return whenKnown(() => String(keys[index]).trim()) === "";
}
