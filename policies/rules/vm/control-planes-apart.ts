import { editMachine } from "../../lib/examples/machines.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { machines } from "../../lib/rules/subjects.ts";
import { controlPlanesByHost, hostsWithoutControlPlane } from "../../lib/vm/placement.ts";

/**
 * Two etcd members on one host fail together. With fewer hosts than control planes some have to share one, and
 * `vm-quorum-on-one-host` says what that means.
 */
export const vmControlPlanesApart: StackRule = {
	name: "vm-control-planes-apart",
	description: "No two control planes run on one Proxmox host while another host runs none.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["12.2"], iso27001: ["A.8.14"], nist80053: ["CP-2", "CP-7"] },
	remediation: "Give each control plane a `nodes.<name>.host` of its own, as far as there are hosts.",
	subject: machines,
	examples: [
		{
			change: "nodes.proj-k8sm02.host: node01",
			apply: editMachine("proj-k8sm02", { nodeName: "node01" }),
			sentence:
				"Control planes proj-k8sm01 and proj-k8sm02 are both on host node01; give nodes.proj-k8sm02.host another one, as node02 or node04 or node05.",
		},
	],

	checkStack(resources, report) {
		const free = hostsWithoutControlPlane(resources);
		if (free.length === 0) {
			return;
		}
		for (const [host, [owner, ...others]] of controlPlanesByHost(resources)) {
			for (const resource of others) {
				report(
					`Control planes ${owner!.name} and ${resource.name} are both on host ${host}; give nodes.${resource.name}.host another one, as ${free.join(" or ")}.`,
					resource,
				);
			}
		}
	},
};
