import ipaddr from "ipaddr.js";
import { editMachine } from "../../lib/examples/machines.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { machines } from "../../lib/rules/subjects.ts";
import { type Machine, machineOf } from "../../lib/vm/machines.ts";

/** Two machines with one address replace each other on the network, and so do their etcd members. */
export const vmUniqueIdentity: StackRule = {
	name: "vm-unique-identity",
	description: "No two machines share an id, an address, a hardware address or a name.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["1.1"], iso27001: ["A.5.9"], nist80053: ["CM-8"] },
	remediation: "Give each node a `vmId`, an `address` and a name of its own.",
	subject: machines,
	examples: [
		{
			change: "nodes.proj-k8sw02.vmId: 107, which is proj-k8sw01's",
			apply: editMachine("proj-k8sw02", { vmId: 107 }),
			sentence: "Machines proj-k8sw01 and proj-k8sw02 both have the id 107; change one.",
		},
	],

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

/** Each identity in one spelling. */
function identitiesOf({ name, vmId, networkDevices = [], initialization }: Machine): string[] {
	const addresses = (initialization?.ipConfigs ?? []).flatMap(({ ipv4, ipv6 }) => [ipv4?.address, ipv6?.address]);
	return [
		...(name === undefined ? [] : [`the name ${name.toLowerCase()}`]),
		...(vmId === undefined ? [] : [`the id ${vmId}`]),
		...addresses.flatMap((address) => (isGiven(address) ? [`the address ${canonical(address)}`] : [])),
		...networkDevices.flatMap(({ macAddress }) =>
			macAddress === undefined ? [] : [`the hardware address ${macAddress.toUpperCase()}`],
		),
	];
}

/** Whether the address is fixed, and not given by DHCP or a router. */
function isGiven(address: string | undefined): address is string {
	return address !== undefined && address !== "" && address !== "dhcp" && address !== "auto";
}

function canonical(address: string): string {
	const [host = ""] = address.split("/");
	return ipaddr.isValid(host) ? ipaddr.parse(host).toString() : host;
}
