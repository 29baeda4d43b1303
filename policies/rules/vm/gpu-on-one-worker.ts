import { editMachine, gpuDevice } from "../../lib/examples/machines.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { machines } from "../../lib/rules/subjects.ts";
import { machineOf, rolesOf } from "../../lib/vm/machines.ts";

/**
 * A device that is passed through reads and writes the memory of its machine, past the kernel. A mapping on a control plane can be any
 * device of the host, and what controls it controls the cluster. Proxmox starts only one of two machines with one device.
 */
export const vmGpuOnOneWorker: StackRule = {
	name: "vm-gpu-on-one-worker",
	description: "Only workers have a GPU, and no two of them the same one.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["4.1", "4.8"], iso27001: ["A.8.9"], nist80053: ["CM-6", "CM-7"] },
	remediation: "Set `nodes.<name>.gpu` on a worker, with a mapping that no other node has.",
	url: "https://pve.proxmox.com/pve-docs/chapter-qm.html#resource_mapping",
	subject: machines,
	examples: [
		{
			change: "a mapped device on a control plane",
			apply: editMachine("proj-k8sm01", { hostpcis: [{ ...gpuDevice, mapping: "nic" }] }),
			sentence: "Machine proj-k8sm01 has the device nic and is no worker; remove nodes.proj-k8sm01.gpu.",
		},
		{
			change: "the GPU of another worker",
			apply: editMachine("proj-k8sw05", { hostpcis: [{ ...gpuDevice, mapping: "rtx-a4000" }] }),
			sentence: "Machines proj-k8sw04 and proj-k8sw05 both have the device rtx-a4000; give one of them another.",
		},
	],

	checkStack(resources, report) {
		const owners = new Map<string, Resource>();
		for (const resource of resources) {
			const machine = machineOf(resource);
			for (const { mapping } of machine?.hostpcis ?? []) {
				if (mapping === undefined) {
					continue;
				}
				if (!rolesOf(machine!).includes("worker")) {
					report(
						`Machine ${resource.name} has the device ${mapping} and is no worker; remove nodes.${resource.name}.gpu.`,
						resource,
					);
				}
				const owner = owners.get(mapping);
				if (owner) {
					report(
						`Machines ${owner.name} and ${resource.name} both have the device ${mapping}; give one of them another.`,
						resource,
					);
				}
				owners.set(mapping, owner ?? resource);
			}
		}
	},
};
