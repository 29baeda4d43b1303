import { covers } from "../../../src/config/formats/intervals.ts";
import { coverEveryAddress, type Network, networkOf, rangeOf } from "../../../src/config/formats/networks.ts";
import { firewallName, firewallOptionsName } from "../../../src/facts/resource-names.ts";
import { addFirewallRules } from "../../lib/examples/machines.ts";
import { unchanged } from "../../lib/examples/resources.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { machines } from "../../lib/rules/subjects.ts";
import { type FirewallOptions, type FirewallRule, optionsType, rulesType } from "../../lib/vm/firewalls.ts";
import { machineOf } from "../../lib/vm/machines.ts";

const switchKey = "proxmox.firewall.enabled";

/** Allowed treatments of a packet that no rule accepts. */
const refusals = ["DROP", "REJECT"];

/**
 * The flag of a network interface only brings its packets to the machine's filter. These options say whether the filter is
 * on, and what happens to a packet that no rule accepts. The machine that they belong to is an output at preview, so that the
 * rule finds it by their name. The switch of the whole datacenter is set by hand, and no rule sees it.
 */
export const vmFirewall: StackRule = {
	name: "vm-firewall",
	description:
		"Proxmox's firewall is on for every machine and refuses packets that no rule accepts; no rule accepts everything.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["4.4", "13.4"], iso27001: ["A.8.20", "A.8.22"], nist80053: ["AC-4", "SC-7"] },
	remediation:
		"Set `proxmox.firewall.enabled`, with the administrators' networks in `adminCidrs`, and switch the firewall of the datacenter on.",
	url: "https://pve.proxmox.com/pve-docs/chapter-pve-firewall.html",
	settings: [switchKey],
	subject: machines,
	examples: [
		{
			change: "machines whose firewall is off, without an exception",
			apply: unchanged,
			withoutExceptions: true,
			sentence:
				"The firewall of machine proj-k8sm01 is off; set proxmox.firewall.enabled, and proxmox.firewall.adminCidrs (enabled: true in its options).",
		},
		{
			change: "a firewall rule on every machine that accepts every packet",
			apply: addFirewallRules({ type: "in", action: "ACCEPT" }),
			sentence: "proj-k8sm01-firewall-rules accepts every source at every port; give rule 0 a source or a dport.",
		},
	],

	checkStack(resources, report) {
		const declared = new Map(
			resources.filter(({ type }) => type === optionsType).map(({ name, props }) => [name, props as FirewallOptions]),
		);
		for (const resource of resources.filter((candidate) => machineOf(candidate))) {
			const own = firewallOptionsName(firewallName(resource.name));
			const options = declared.get(own);
			if (!options) {
				report(`Machine ${resource.name} has no firewall options named ${own}; declare them.`, resource);
				continue;
			}
			// The defaults of the provider.
			const { enabled = false, inputPolicy = "DROP" } = options;
			if (enabled !== true) {
				report(
					`The firewall of machine ${resource.name} is off; set ${switchKey}, and proxmox.firewall.adminCidrs (enabled: true in its options).`,
					resource,
					undefined,
					switchKey,
				);
			}
			if (!refusals.includes(inputPolicy)) {
				report(
					`The firewall of machine ${resource.name} has the inputPolicy ${inputPolicy}; allowed are ${refusals.join(" and ")}.`,
					resource,
				);
			}
		}
		for (const resource of resources.filter(({ type }) => type === rulesType)) {
			const { rules = [] } = resource.props as { rules?: FirewallRule[] };
			for (const [index, rule] of rules.entries()) {
				if (rule.securityGroup) {
					report(`${resource.name} accepts the rules of a security group; write rule ${index} out.`, resource);
				} else if (acceptsEverything(rule)) {
					report(
						`${resource.name} accepts every source at every port; give rule ${index} a source or a dport.`,
						resource,
					);
				}
			}
			if (!rules.some(acceptsEverything) && protocols.some((protocol) => acceptEverybody(rules, protocol))) {
				report(
					`${resource.name} accepts every source at every port by its rules together; give them narrower sources or a dport.`,
					resource,
				);
			}
		}
	},
};

/** The protocols with ports; a rule without a protocol is about both. */
const protocols = ["tcp", "udp"];

function acceptsEverything(rule: FirewallRule): boolean {
	return acceptsEveryPort(rule) && (!rule.source || coverEveryAddress(networksOf(rule)));
}

/** Whether rules accept every source together, although each has one. */
function acceptEverybody(rules: readonly FirewallRule[], protocol: string): boolean {
	const open = rules.filter(acceptsEveryPort).filter(({ proto }) => !proto || proto.toLowerCase() === protocol);
	return coverEveryAddress(open.flatMap(networksOf));
}

/** A macro is a list of ports. A protocol without ports limits the rule already. */
function acceptsEveryPort({ type, action, enabled = true, proto, dport, macro }: FirewallRule): boolean {
	const incoming = enabled && type?.toLowerCase() === "in" && action?.toUpperCase() === "ACCEPT";
	const anyProtocol = !proto || protocols.includes(proto.toLowerCase());
	return incoming && !macro && anyProtocol && (!dport || isEveryPort(dport));
}

/** The addresses of a source. Other parts, such as the name of a set, are ignored. */
function networksOf({ source = "" }: FirewallRule): Network[] {
	return source.split(",").flatMap((part) => networkOf(part.trim()) ?? rangeOf(part) ?? []);
}

/** @param dport ports and ranges `first:last`, with commas; a service by its name is one port */
function isEveryPort(dport: string): boolean {
	const ranges = dport.split(",").flatMap((range) => {
		const [, first, last = first] = /^\s*(\d+)(?::(\d+))?\s*$/.exec(range) ?? [];
		return first === undefined ? [] : [{ first: BigInt(first), last: BigInt(last!) }];
	});
	return covers(ranges, { first: 1n, last: 65_535n });
}
