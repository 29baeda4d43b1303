import { removePeer } from "../../lib/examples/objects.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { machines } from "../../lib/rules/subjects.ts";
import { machineOf } from "../../lib/vm/machines.ts";

/** A second or fourth etcd member raises the quorum: one more machine can fail, and the cluster survives no more failures. */
export const rke2OddServers: StackRule = {
	name: "rke2-odd-servers",
	description: "The number of servers is odd.",
	severity: "medium",
	controls: [],
	frameworks: { cisControls: ["12.2"], iso27001: ["A.8.14"], nist80053: ["CP-2"] },
	remediation: "Give 1, 3 or 5 nodes the role control-plane.",
	url: "https://docs.rke2.io/install/ha",
	subject: machines,
	examples: [
		{
			change: "two control planes instead of three",
			apply: (resources) => removePeer("10.25.20.6")(resources.filter(({ name }) => !name.startsWith("proj-k8sm03"))),
			sentence: "The cluster has 2 control planes; allowed is an odd number.",
		},
	],

	checkStack(resources, report) {
		const servers = resources.filter((resource) => machineOf(resource)?.tags?.includes("control-plane"));
		if (servers.length > 0 && servers.length % 2 === 0) {
			report(`The cluster has ${servers.length} control planes; allowed is an odd number.`, servers.at(-1)!);
		}
	},
};
