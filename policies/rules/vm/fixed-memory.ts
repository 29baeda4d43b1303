import { editMachine } from "../../lib/examples/machines.ts";
import { machineRule } from "../../lib/rules/subjects.ts";

/** A GPU pins all memory of its machine, and a kubelet that loses memory to the balloon evicts pods. */
export const vmFixedMemory = machineRule({
	name: "vm-fixed-memory",
	description: "A machine has fixed memory, without ballooning.",
	severity: "medium",
	controls: [],
	frameworks: { cisControls: ["4.1"], iso27001: ["A.8.6"], nist80053: ["CM-6", "SC-6"] },
	remediation: "Set memory.floating to 0.",
	url: "https://pve.proxmox.com/pve-docs/chapter-qm.html#qm_memory",
	examples: [
		{
			change: "a worker with memory ballooning",
			apply: editMachine("proj-k8sw01", { memory: { dedicated: 32768, floating: 8192 } }),
			sentence: "Machine proj-k8sw01 has memory.floating 8192; the only allowed value is 0.",
		},
	],

	check(machine, report, resource) {
		const { floating = 0 } = machine.memory ?? {};
		if (floating !== 0) {
			report(`Machine ${resource.name} has memory.floating ${floating}; the only allowed value is 0.`);
		}
	},
});
