import { nodeStepName } from "../../../src/facts/resource-names.ts";
import { editCloudInit } from "../../lib/examples/machines.ts";
import { editFiles } from "../../lib/examples/nodes.ts";
import { listOf, rke2ConfigOf } from "../../lib/rke2/files.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { machines } from "../../lib/rules/subjects.ts";
import { addressesOf, machineOf } from "../../lib/vm/machines.ts";

const key = "node-ip";

/**
 * Firewalls and network policies are made for the address of the machine, and the node serves at the address in its configuration. A node
 * with the name of another one registers in its place.
 */
export const vmNodeAddress: StackRule = {
	name: "vm-node-address",
	description: "A machine has the address and the name that its node has in the RKE2 configuration.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["1.1", "12.2"], iso27001: ["A.5.9", "A.8.20"], nist80053: ["CM-8", "SC-7"] },
	remediation: "Take both from `nodes.<name>.address`.",
	url: "https://docs.rke2.io/reference/server_config",
	subject: machines,
	examples: [
		{
			change: "a machine at another address than its node",
			apply: editCloudInit("proj-k8sw01", {
				ipConfigs: [{ ipv4: { address: "10.25.20.99/24", gateway: "10.25.20.1" } }],
			}),
			sentence:
				"Machine proj-k8sw01 has the address 10.25.20.99, and proj-k8sw01-converge has node-ip 10.25.20.7; make them equal.",
		},
		{
			change: "a worker with the name of a control plane",
			apply: editFiles(/^proj-k8sw01/, "node-name: proj-k8sw01", "node-name: proj-k8sm01"),
			sentence: "proj-k8sw01-converge has node-name proj-k8sm01 for machine proj-k8sw01; set its own name.",
		},
	],

	checkStack(resources, report) {
		const commands = Map.groupBy(resources, ({ name }) => name);
		const configsNamed = (name: string) => (commands.get(name) ?? []).flatMap((one) => rke2ConfigOf(one) ?? []);
		for (const resource of resources) {
			const machine = machineOf(resource);
			const command = nodeStepName(resource.name, "converge");
			// rke2-config-on-every-node refuses a machine without a configuration.
			for (const config of machine ? configsNamed(command) : []) {
				const [given, wanted] = [addressesOf(machine!).join(", "), listOf(config, key).join(", ")];
				if (given !== wanted) {
					report(
						`Machine ${resource.name} has the address ${given || "none"}, and ${command} has ${key} ${wanted || "none"}; make them equal.`,
						resource,
					);
				}
				const name = listOf(config, "node-name").join(", ");
				if (name !== "" && name !== resource.name) {
					report(`${command} has node-name ${name} for machine ${resource.name}; set its own name.`, resource);
				}
			}
		}
	},
};
