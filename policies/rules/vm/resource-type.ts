import { editMachine } from "../../lib/examples/machines.ts";
import { addResource } from "../../lib/examples/resources.ts";
import type { ResourceRule } from "../../lib/rules/rule.ts";
import { machinesOfAnyType } from "../../lib/rules/subjects.ts";
import { machineOf, otherMachineTypes } from "../../lib/vm/machines.ts";

/** Inputs that give a machine devices, or run a program on its host, beside all other inputs. */
const unread = ["kvmArguments", "hookScriptFileId"] as const;

/** A resource of another type has other inputs, and the inputs of a clone do not show what its template has. */
export const vmResourceType: ResourceRule = {
	name: "vm-resource-type",
	description:
		"Every machine is declared as the one resource type that the rules read, with all its parts in its inputs.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["1.1", "4.1"], iso27001: ["A.5.9", "A.8.9"], nist80053: ["CM-2", "CM-8"] },
	remediation: "Declare the machine as VmLegacy, with a disk that imports the image.",
	subject: machinesOfAnyType,
	examples: [
		{
			change: "a machine as a resource of another type",
			apply: addResource("proxmoxve:index/vm:Vm", "proj-k8sw06", { name: "proj-k8sw06", nodeName: "node01" }),
			sentence:
				"proj-k8sw06 is a proxmoxve:index/vm:Vm, which no rule about machines reads; the only allowed type is VmLegacy.",
		},
		{
			change: "a hook script on the host that runs when a worker starts",
			apply: editMachine("proj-k8sw01", { hookScriptFileId: "local:snippets/hook.sh" }),
			sentence: "Machine proj-k8sw01 has hookScriptFileId, and no rule sees what that adds; remove it.",
		},
	],

	checkResource(resource, report) {
		const { type, name } = resource;
		if (otherMachineTypes.includes(type)) {
			report(`${name} is a ${type}, which no rule about machines reads; the only allowed type is VmLegacy.`);
		}
		if (machineOf(resource)?.clone) {
			report(`Machine ${name} is a clone, and no rule sees what its template has; import an image.`);
		}
		for (const field of unread.filter((candidate) => machineOf(resource)?.[candidate])) {
			report(`Machine ${name} has ${field}, and no rule sees what that adds; remove it.`);
		}
	},
};
