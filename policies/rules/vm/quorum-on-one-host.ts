import { editMachines } from "../../lib/examples/machines.ts";
import { everyNode } from "../../lib/examples/nodes.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { machines } from "../../lib/rules/subjects.ts";
import { controlPlanesByHost, hostsWithoutControlPlane } from "../../lib/vm/placement.ts";
import { downloads } from "./image-checksum.ts";

/**
 * etcd works with a majority of its members (https://etcd.io/docs/v3.6/faq/#what-is-failure-tolerance). A lab with one
 * host or two cannot avoid this, so that the rule only warns. Where another host is free, `vm-control-planes-apart` says so.
 */
export const vmQuorumOnOneHost: StackRule = {
	name: "vm-quorum-on-one-host",
	description: "No Proxmox host runs a majority of the control planes.",
	severity: "medium",
	controls: [],
	level: "advisory",
	frameworks: { cisControls: ["12.2"], iso27001: ["A.8.14"], nist80053: ["CP-2", "CP-7"] },
	remediation: "Spread the control planes by `nodes.<name>.host` over three hosts or more.",
	subject: machines,
	examples: [
		{
			change: "every node on node01",
			// No other host needs an image then.
			apply: (resources) =>
				editMachines(everyNode, { nodeName: "node01" })(resources).filter(
					({ type, props }) => !downloads.includes(type) || props.nodeName === "node01",
				),
			sentence:
				"Host node01 runs proj-k8sm01 and proj-k8sm02 and proj-k8sm03, 3 of 3 control planes: while it is down, etcd has no quorum and the API of the cluster does not answer (nodes.<name>.host).",
		},
	],

	checkStack(resources, report) {
		const byHost = controlPlanesByHost(resources);
		const count = [...byHost.values()].flat().length;
		if (count > 1 && hostsWithoutControlPlane(resources).length > 0) {
			return;
		}
		for (const [host, there] of byHost) {
			if (there.length > count / 2) {
				const names = there.map(({ name }) => name).join(" and ");
				report(
					`Host ${host} runs ${names}, ${there.length} of ${count} control planes: while it is down, etcd has no quorum and the API of the cluster does not answer (nodes.<name>.host).`,
					there[0]!,
				);
			}
		}
	},
};
