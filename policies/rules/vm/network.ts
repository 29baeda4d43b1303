import { editMachine, networkDevice } from "../../lib/examples/machines.ts";
import { machineRule } from "../../lib/rules/subjects.ts";

/** Trunks connect a node to further networks. Without the flag, packets pass the machine's filter (vm-firewall) by. */
export const vmNetwork = machineRule({
	name: "vm-network",
	description: "Every network interface is in no more than one VLAN and is flagged for Proxmox's firewall.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["4.4", "12.2", "13.4"], iso27001: ["A.8.20", "A.8.22"], nist80053: ["AC-4", "SC-7"] },
	remediation: "Set firewall: true on every network device, and leave trunks out.",
	url: "https://pve.proxmox.com/pve-docs/chapter-pve-firewall.html",
	examples: [
		{
			change: "a network interface of a worker without the firewall",
			apply: editMachine("proj-k8sw01", { networkDevices: [{ ...networkDevice, firewall: false }] }),
			sentence: "Machine proj-k8sw01 has no firewall on network device 0; set firewall: true.",
		},
	],

	check(machine, report, resource) {
		for (const [index, { trunks, firewall }] of (machine.networkDevices ?? []).entries()) {
			if (trunks) {
				report(`Machine ${resource.name} has the trunks ${trunks} on network device ${index}; remove them.`);
			}
			if (firewall !== true) {
				report(`Machine ${resource.name} has no firewall on network device ${index}; set firewall: true.`);
			}
		}
	},
});
