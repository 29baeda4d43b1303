import { machineOf } from "../lib/machines.ts";
import type { Resource } from "../lib/resource.ts";
import type { StackRule } from "../lib/rule.ts";

/** Two etcd members on one host fail together, and with them the quorum of three. */
export const vmControlPlanesApart: StackRule = {
	name: "vm-control-planes-apart",
	description: "No two control planes run on the same Proxmox host.",
	severity: "high",
	evidence: { cisControls: ["12.2"], iso27001: ["A.8.14"], nist80053: ["CP-2", "CP-7"] },
	remediation:
		"Give each control plane a `nodes.<name>.host` of its own. With fewer hosts than control planes, set this rule to advisory.",

	checkStack(resources, report) {
		const owners = new Map<string, Resource>();
		for (const resource of resources) {
			const machine = machineOf(resource);
			if (machine?.nodeName === undefined || !machine.tags?.includes("control-plane")) {
				continue;
			}
			const owner = owners.get(machine.nodeName);
			if (owner) {
				report(
					`Control planes ${owner.name} and ${resource.name} are both on host ${machine.nodeName}; place one elsewhere.`,
					resource,
				);
			} else {
				owners.set(machine.nodeName, resource);
			}
		}
	},
};
