import { addResource } from "../../lib/examples/resources.ts";
import { whenKnown } from "../../lib/reading/known.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { isFirewallPart, optionsType, ownersIn } from "../../lib/vm/firewalls.ts";
import { machineOf } from "../../lib/vm/machines.ts";

/**
 * The rules about firewalls find the parts of each by their names, and program-complete-stack refuses a second part of one name. A part
 * with another machine's id would protect nothing, and one that keeps the value of its first day would never be closed again.
 *
 * The program takes host and id from the outputs of the machine, so that they may be unknown in a first preview.
 */
export const vmFirewallOwner: StackRule = {
	name: "vm-firewall-owner",
	description: "Every part of a firewall belongs to the machine that its name says, by host and by id.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["4.4", "13.4"], iso27001: ["A.8.9", "A.8.20"], nist80053: ["AC-4", "CM-2", "SC-7"] },
	remediation: "Declare the firewall of a machine with the machine, by `proxmox.firewall`, and nowhere else.",
	url: "https://pve.proxmox.com/pve-docs/chapter-pve-firewall.html",
	subject: { plural: "parts of firewalls", isDeclaredBy: isFirewallPart },
	examples: [
		{
			change: "options of the firewall that belong to no machine by their name",
			apply: addResource(optionsType, "other-firewall-options", { enabled: false, nodeName: "node01", vmId: 104 }),
			sentence: "other-firewall-options belongs to no machine of the stack by its name; remove it.",
		},
	],

	checkStack(resources, report) {
		const ownerOf = ownersIn(resources);
		for (const part of resources.filter(isFirewallPart)) {
			const owner = ownerOf(part);
			if (!owner) {
				report(`${part.name} belongs to no machine of the stack by its name; remove it.`, part);
				continue;
			}
			for (const [input, found, wanted] of differences(part, owner)) {
				report(
					`${part.name} has the ${input} ${found}, and machine ${owner.name} has ${wanted}; take it from the machine.`,
					part,
				);
			}
			if (part.opts.ignoreChanges.length > 0) {
				report(`${part.name} ignores changes of ${part.opts.ignoreChanges.join(", ")}; remove ignoreChanges.`, part);
			}
		}
	},
};

/** @returns each input that names another machine, with its value and that of the machine */
function differences(part: Resource, owner: Resource): [input: string, found: unknown, wanted: unknown][] {
	const machine = machineOf(owner)!;
	return (["nodeName", "vmId"] as const).flatMap((input): [string, unknown, unknown][] => {
		const wanted = machine[input];
		const found = whenKnown(() => ({ value: part.props[input] }));
		return found === undefined || found.value === wanted ? [] : [[input, found.value, wanted]];
	});
}
