import { editMachine } from "../../lib/examples/machines.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { machines } from "../../lib/rules/subjects.ts";
import { machineOf } from "../../lib/vm/machines.ts";

/**
 * A node in another network than the rest is reached around the separation of that network. Machines without a VLAN are in
 * one network as well: the whole lab can be in it, or it can have a bridge of its own.
 */
export const vmOneNetwork: StackRule = {
	name: "vm-one-network",
	description: "Every network interface of the machines is in the one network of the nodes.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["4.4", "12.2"], iso27001: ["A.8.20", "A.8.22"], nist80053: ["AC-4", "SC-7"] },
	remediation: "Set `network.bridge` and `network.vlan`, which hold for every machine, and nothing else.",
	url: "https://pve.proxmox.com/pve-docs/chapter-qm.html#qm_network_device",
	subject: machines,
	examples: [
		{
			change: "one worker without a VLAN",
			apply: editMachine("proj-k8sw01", { networkDevices: [{ bridge: "vmbr0", model: "virtio", firewall: true }] }),
			sentence:
				"Machine proj-k8sw01 is on bridge vmbr0 without a VLAN by network device 0, and others are on bridge vmbr0 with VLAN 20; remove it: network.bridge and network.vlan hold for every machine.",
		},
	],

	checkStack(resources, report) {
		let first: string | undefined;
		for (const resource of resources) {
			const machine = machineOf(resource);
			for (const [index, { bridge, vlanId }] of (machine?.networkDevices ?? []).entries()) {
				const network = `${bridge ? `bridge ${bridge}` : "no bridge"} ${vlanId ? `with VLAN ${vlanId}` : "without a VLAN"}`;
				first ??= network;
				if (network !== first) {
					report(
						`Machine ${resource.name} is on ${network} by network device ${index}, and others are on ${first}; remove it: network.bridge and network.vlan hold for every machine.`,
						resource,
					);
				}
			}
		}
	},
};
