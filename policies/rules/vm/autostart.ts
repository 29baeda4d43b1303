import { editMachine } from "../../lib/examples/machines.ts";
import { machineRule } from "../../lib/rules/subjects.ts";

/** After a power failure every machine that the quorum needs starts by itself. */
export const vmAutostart = machineRule({
	name: "vm-autostart",
	description: "Machines run, and start with their host.",
	severity: "low",
	controls: [],
	frameworks: { cisControls: ["11.1"], iso27001: ["A.8.14"], nist80053: ["CP-10"] },
	remediation: "Set onBoot and started to true, or leave both out.",
	url: "https://pve.proxmox.com/pve-docs/chapter-qm.html#qm_startup_and_shutdown",
	examples: [
		{
			change: "a worker that does not start with its host",
			apply: editMachine("proj-k8sw01", { onBoot: false }),
			sentence: "Machine proj-k8sw01 does not start with its host; set onBoot: true.",
		},
	],

	check(machine, report, resource) {
		if (machine.onBoot === false) {
			report(`Machine ${resource.name} does not start with its host; set onBoot: true.`);
		}
		if (machine.started === false) {
			report(`Machine ${resource.name} is declared as switched off; set started: true.`);
		}
	},
});
