import { machineOf } from "../lib/machines.ts";
import type { StackRule } from "../lib/rule.ts";

interface FirewallOptions {
	enabled?: boolean;
	inputPolicy?: string;
}

/** What Proxmox may do with a packet that no rule accepts. */
const refusals = ["DROP", "REJECT"];

/**
 * The flag of a network card only says that the machine's filter sees its packets. These options say whether there is one,
 * and what becomes of a packet that no rule accepts. Which machine they belong to is an output at preview, so it is told
 * by their name. The switch of the whole datacenter is set by hand, out of sight of every rule.
 */
export const vmFirewall: StackRule = {
	name: "vm-firewall",
	description: "Proxmox's firewall is on for every machine, and refuses what no rule accepts.",
	severity: "high",
	evidence: { cisControls: ["4.4", "13.4"], iso27001: ["A.8.20", "A.8.22"], nist80053: ["AC-4", "SC-7"] },
	remediation:
		"Set `proxmox.firewall.enabled`, with the administrators' networks in `adminCidrs`, and switch the firewall of the datacenter on.",
	url: "https://pve.proxmox.com/pve-docs/chapter-pve-firewall.html",

	checkStack(resources, report) {
		const declared = new Map(
			resources
				.filter(({ type }) => type === "proxmoxve:firewall/optionsLegacy:OptionsLegacy")
				.map(({ name, props }) => [name, props as FirewallOptions]),
		);
		for (const resource of resources.filter((candidate) => machineOf(candidate))) {
			const own = `${resource.name}-firewall-options`;
			const options = declared.get(own);
			if (!options) {
				report(`Machine ${resource.name} has no firewall options named ${own}; declare them.`, resource);
				continue;
			}
			// What the provider assumes.
			const { enabled = false, inputPolicy = "DROP" } = options;
			if (enabled !== true) {
				report(`The firewall of machine ${resource.name} is off; set enabled: true.`, resource);
			}
			if (!refusals.includes(inputPolicy)) {
				report(
					`The firewall of machine ${resource.name} has the inputPolicy ${inputPolicy}; allowed are ${refusals.join(" and ")}.`,
					resource,
				);
			}
		}
	},
};
