import { editMachine } from "../../lib/examples/machines.ts";
import { machineRule } from "../../lib/rules/subjects.ts";

/**
 * A modelled processor hides the flaws of the real one, and the flags that mitigate them, from the guest. The guest's kernel
 * then does not protect containers from each other.
 */
export const vmProcessor = machineRule({
	name: "vm-processor",
	description: "Machines see the processor of their host, with the flags that mitigate its flaws.",
	severity: "medium",
	controls: [],
	frameworks: { cisControls: ["4.1", "10.5"], iso27001: ["A.8.8", "A.8.9"], nist80053: ["SI-2", "SI-16"] },
	remediation: "Set cpu.type: host, and disable no flag.",
	url: "https://pve.proxmox.com/pve-docs/chapter-qm.html#_meltdown_spectre_related_cpu_flags",
	examples: [
		{
			change: "a worker with a modelled processor",
			apply: editMachine("proj-k8sw01", { cpu: { type: "x86-64-v2-AES", cores: 8 } }),
			sentence: "Machine proj-k8sw01 has the processor x86-64-v2-AES; the only allowed cpu.type is host.",
		},
	],

	check(machine, report, resource) {
		const { type = "qemu64", flags = [] } = machine.cpu ?? {};
		if (type !== "host") {
			report(`Machine ${resource.name} has the processor ${type}; the only allowed cpu.type is host.`);
		}
		const hidden = flags.filter((flag) => flag.startsWith("-"));
		if (hidden.length > 0) {
			report(`Machine ${resource.name} hides ${hidden.join(", ")} of its processor; remove it from cpu.flags.`);
		}
	},
});
