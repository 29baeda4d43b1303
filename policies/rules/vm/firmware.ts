import { editMachine } from "../../lib/examples/machines.ts";
import { machineRule } from "../../lib/rules/subjects.ts";

/** Only q35 passes a GPU through as PCI Express. NVIDIA's modules are unsigned, so that enrolled keys refuse them. */
export const vmFirmware = machineRule({
	name: "vm-firmware",
	description: "Machines with a GPU boot by UEFI on q35, without enrolled Secure Boot keys.",
	severity: "medium",
	controls: [],
	frameworks: { cisControls: ["4.1"], iso27001: ["A.8.9"], nist80053: ["CM-6"] },
	remediation: "Set machine: q35, bios: ovmf and an efiDisk of type 4m with preEnrolledKeys: false.",
	url: "https://pve.proxmox.com/pve-docs/chapter-qm.html#qm_pci_passthrough",
	examples: [
		{
			change: "enrolled Secure Boot keys on a machine with a GPU",
			apply: editMachine("proj-k8sw04", { efiDisk: { type: "4m", preEnrolledKeys: true } }),
			sentence: "Machine proj-k8sw04 has a GPU, but efiDisk.preEnrolledKeys is on.",
		},
	],

	check(machine, report, { name }) {
		if ((machine.hostpcis ?? []).length === 0) {
			return;
		}
		const wrong = [
			...(machine.machine?.includes("q35") ? [] : ["machine is not q35"]),
			...(machine.bios === "ovmf" ? [] : ["bios is not ovmf"]),
			...(machine.efiDisk?.type === "4m" ? [] : ["efiDisk.type is not 4m"]),
			...(machine.efiDisk?.preEnrolledKeys ? ["efiDisk.preEnrolledKeys is on"] : []),
		];
		if (wrong.length > 0) {
			report(`Machine ${name} has a GPU, but ${wrong.join(", ")}.`);
		}
	},
});
