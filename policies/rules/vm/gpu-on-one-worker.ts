import { editMachine, gpuDevice } from "../../lib/examples/machines.ts";
import { addResource } from "../../lib/examples/resources.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { machines } from "../../lib/rules/subjects.ts";
import { machineOf, rolesOf } from "../../lib/vm/machines.ts";

type Say = (message: string, culprit: Resource) => void;

const mappingType = "proxmoxve:hardware/mapping/pci:Pci";

/** The inputs of a mapping that the program makes. */
interface Mapping {
	name?: string;
	maps?: { node?: string; path?: string }[];
}

/**
 * A device that is passed through reads and writes the memory of its machine, past the kernel. A mapping on a control plane can be any
 * device of the host, and what controls it controls the cluster. Proxmox starts only one of two machines with one device.
 * The program gives a worker one device at most, maps each device of a host once, and calls a mapping by the name of its resource.
 */
export const vmGpuOnOneWorker: StackRule = {
	name: "vm-gpu-on-one-worker",
	description:
		"Only workers have a GPU, one at most, no two of them the same one, and each from a mapping on their own host.",
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
		{
			change: "a second device of the host beside the GPU",
			apply: editMachine("proj-k8sw04", {
				hostpcis: [
					{ ...gpuDevice, mapping: "rtx-a4000" },
					{ ...gpuDevice, mapping: "nic" },
				],
			}),
			sentence: "Machine proj-k8sw04 has the devices rtx-a4000 and nic; allowed is one.",
		},
		{
			change: "a mapping of the GPU on another host",
			apply: addResource(mappingType, "rtx-a4000", {
				name: "rtx-a4000",
				maps: [{ node: "node01", path: "0000:0b:00" }],
			}),
			sentence:
				"The mapping rtx-a4000 is on node01, and machine proj-k8sw04 is on node04; map the device on that host.",
		},
	],

	checkStack(resources, report) {
		const owners = new Map<string, Resource>();
		const mappings = resources.filter(({ type }) => type === mappingType);
		for (const resource of resources) {
			const machine = machineOf(resource);
			const devices = machine?.hostpcis ?? [];
			if (devices.length > 1) {
				const names = devices.map(({ mapping, id }) => mapping ?? id).join(" and ");
				report(`Machine ${resource.name} has the devices ${names}; allowed is one.`, resource);
			}
			for (const { mapping } of devices) {
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
		checkMappings(mappings, owners, report);
	},
};

function checkMappings(mappings: readonly Resource[], owners: ReadonlyMap<string, Resource>, say: Say): void {
	const known: { resource: Resource; node: string; path: string }[] = [];
	for (const resource of mappings) {
		const { name, maps = [] } = resource.props as Mapping;
		if (name !== resource.name) {
			say(`The mapping ${resource.name} has the name ${name} in Proxmox; name it ${resource.name}.`, resource);
		}
		const owner = owners.get(resource.name);
		const host = owner && machineOf(owner)!.nodeName;
		for (const { node = "", path = "" } of maps) {
			if (owner && node !== host) {
				say(
					`The mapping ${resource.name} is on ${node}, and machine ${owner.name} is on ${host}; map the device on that host.`,
					resource,
				);
			}
			const other = known.find((one) => one.node === node && sharesFunction(one.path, path));
			if (other) {
				say(
					`The mappings ${other.resource.name} and ${resource.name} both have ${path} of ${node}; remove one.`,
					resource,
				);
			}
			known.push({ resource, node, path });
		}
	}
}

/** A path without a function stands for all functions of the device. */
function sharesFunction(path: string, other: string): boolean {
	const [[device, part], [otherDevice, otherPart]] = [path.split("."), other.split(".")];
	return device === otherDevice && (part === otherPart || part === undefined || otherPart === undefined);
}
