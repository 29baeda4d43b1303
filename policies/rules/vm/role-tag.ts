import { editMachine } from "../../lib/examples/machines.ts";
import { machineRule } from "../../lib/rules/subjects.ts";
import { rolesOf } from "../../lib/vm/machines.ts";

/** Rules about quorum, placement, protection and configuration need the role of a node, which only its tag gives. */
export const vmRoleTag = machineRule({
	name: "vm-role-tag",
	description: "Every machine is tagged with its one role in the cluster.",
	severity: "medium",
	controls: [],
	frameworks: { cisControls: ["1.1"], iso27001: ["A.5.9"], nist80053: ["CM-8"] },
	remediation: "Tag the machine control-plane or worker.",
	examples: [
		{
			change: "a worker without its tag",
			apply: editMachine("proj-k8sw01", { tags: ["astronomy-lab", "rke2"] }),
			sentence: "Machine proj-k8sw01 has no tag of a role; allowed is one of control-plane and worker.",
		},
	],

	check(machine, report, resource) {
		const roles = rolesOf(machine);
		if (roles.length !== 1) {
			const found = roles.length === 0 ? "no tag of a role" : `the tags ${roles.join(" and ")}`;
			report(`Machine ${resource.name} has ${found}; allowed is one of control-plane and worker.`);
		}
	},
});
