import { editMachine, editMachines } from "../../lib/examples/machines.ts";
import { serverNodes } from "../../lib/examples/nodes.ts";
import { machineRule } from "../../lib/rules/subjects.ts";

const protection = "proxmox.protectControlPlanes";

/** A control plane carries an etcd member. Without protection, Pulumi deletes it for a changed disk like any other machine. */
export const vmProtectedControlPlanes = machineRule({
	name: "vm-protected-control-planes",
	description: "Control planes are protected from deletion, by Pulumi or by Proxmox.",
	severity: "medium",
	controls: [],
	frameworks: { cisControls: ["11.3"], iso27001: ["A.8.13"], nist80053: ["CP-9", "CM-3"] },
	remediation: `Set \`${protection}\`, which is on by default: protect on the resource, or protection: true on the machine.`,
	settings: [protection],
	url: "https://www.pulumi.com/docs/iac/concepts/options/protect/",
	examples: [
		{
			change: "one control plane without protection",
			repaired: editMachines(serverNodes, { protection: true }),
			apply: editMachine("proj-k8sm02", { protection: false }),
			withoutExceptions: true,
			sentence:
				"Machine proj-k8sm02 carries an etcd member and is not protected from deletion; set proxmox.protectControlPlanes (protection: true on the machine).",
		},
	],

	check(machine, report, resource) {
		if (machine.tags?.includes("control-plane") && !resource.opts.protect && machine.protection !== true) {
			report(
				`Machine ${resource.name} carries an etcd member and is not protected from deletion; set ${protection} (protection: true on the machine).`,
				undefined,
				protection,
			);
		}
	},
});
