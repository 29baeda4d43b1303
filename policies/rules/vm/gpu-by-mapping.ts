import { editMachine, gpuDevice } from "../../lib/examples/machines.ts";
import { machineRule } from "../../lib/rules/subjects.ts";

/** Proxmox refuses a raw PCI id to every API token: the provider would need the root password of the host. */
export const vmGpuByMapping = machineRule({
	name: "vm-gpu-by-mapping",
	description: "GPUs are passed through by resource mapping, never by raw PCI id.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["5.4", "6.8"], iso27001: ["A.8.2"], nist80053: ["AC-6"] },
	remediation: "Create a resource mapping for the GPU on its host and name it in `hostpcis[].mapping`.",
	url: "https://pve.proxmox.com/pve-docs/chapter-qm.html#resource_mapping",
	examples: [
		{
			change: "a GPU by its PCI id",
			apply: editMachine("proj-k8sw04", { hostpcis: [{ ...gpuDevice, id: "0000:0b:00" }] }),
			sentence: "Machine proj-k8sw04 passes hostpci0 through by PCI id; name a resource mapping instead.",
		},
	],

	check({ hostpcis = [], kvmArguments = "" }, report, { name }) {
		if (/vfio/i.test(kvmArguments)) {
			report(`Machine ${name} passes a device through by kvmArguments; name a resource mapping instead.`);
		}
		for (const { device, id, mapping } of hostpcis) {
			if (id) {
				report(`Machine ${name} passes ${device} through by PCI id; name a resource mapping instead.`);
			} else if (!mapping) {
				report(`Machine ${name} passes ${device} through without a resource mapping; name one.`);
			}
		}
	},
});
