import { type Machine, machineOf } from "../lib/machines.ts";
import type { Resource } from "../lib/resource.ts";
import type { StackRule } from "../lib/rule.ts";

/** Two machines with one address take each other's place on the network, and a second etcd member with it. */
export const vmUniqueIdentity: StackRule = {
	name: "vm-unique-identity",
	description: "No two machines share an id, an address, a hardware address or a name.",
	severity: "high",
	evidence: { cisControls: ["1.1"], iso27001: ["A.5.9"], nist80053: ["CM-8"] },
	remediation: "Give each node a `vmId`, an `address` and a name of its own.",

	checkStack(resources, report) {
		const owners = new Map<string, Resource>();
		for (const resource of resources) {
			const machine = machineOf(resource);
			for (const identity of machine ? identitiesOf(machine) : []) {
				const owner = owners.get(identity);
				if (owner) {
					report(`Machines ${owner.name} and ${resource.name} both have ${identity}; change one.`, resource);
				} else {
					owners.set(identity, resource);
				}
			}
		}
	},
};

function identitiesOf({ name, vmId, networkDevices = [], initialization }: Machine): string[] {
	const addresses = (initialization?.ipConfigs ?? []).map(({ ipv4 }) => ipv4?.address?.split("/")[0]);
	return [
		...(name === undefined ? [] : [`the name ${name}`]),
		...(vmId === undefined ? [] : [`the id ${vmId}`]),
		...addresses.filter((address) => address && address !== "dhcp").map((address) => `the address ${address}`),
		...networkDevices
			.map(({ macAddress }) => macAddress)
			.filter((address) => address !== undefined)
			.map((address) => `the hardware address ${address}`),
	];
}
