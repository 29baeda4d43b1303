import { addressSets, firewallName, firewallSetName } from "../../../src/facts/resource-names.ts";
import { addResource } from "../../lib/examples/resources.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { type FirewallRule, type FirewallSet, ownersIn, rulesType, setType } from "../../lib/vm/firewalls.ts";
import { addressesOf, type MachineRole, machineOf, rolesOf } from "../../lib/vm/machines.ts";

/** Whom a set stands for. Its name ends in a digest of the addresses. */
const kinds: readonly { prefix: string; plural: string; roles: readonly MachineRole[] }[] = [
	{ prefix: `${addressSets.servers}-`, plural: "the control planes", roles: ["control-plane"] },
	{ prefix: `${addressSets.nodes}-`, plural: "the machines", roles: ["control-plane", "worker"] },
];

const example = { name: "rke2-nodes-00000000", nodeName: "node01", vmId: 104 };

/**
 * Rules of the firewall open etcd, the kubelets and the registration of nodes to these sets. One more address in a set opens all of
 * them to it, and no rule about the rules themselves sees that.
 */
export const vmFirewallSets: StackRule = {
	name: "vm-firewall-sets",
	description:
		"A set of addresses in a machine's firewall holds exactly the machines of the stack that it stands for, and rules name no other set.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["4.4", "13.4"], iso27001: ["A.8.20", "A.8.22"], nist80053: ["AC-4", "SC-7"] },
	remediation: "Make the sets from `nodes.<name>.address`; name other sources in `proxmox.firewall`.",
	url: "https://pve.proxmox.com/pve-docs/chapter-pve-firewall.html#pve_firewall_ip_sets",
	subject: { plural: "sets of addresses in firewalls", isDeclaredBy: ({ type }) => type === setType },
	examples: [
		{
			change: "a set of one node's firewall with an address that is no node's",
			apply: (resources) =>
				addResource(setType, firewallSetName(firewallName("proj-k8sm01"), example.name), {
					...example,
					cidrs: [...addressesOfRoles(resources, ["control-plane", "worker"]), "10.25.20.66"].map((name) => ({ name })),
				})(resources),
			sentence:
				"proj-k8sm01-firewall-rke2-nodes-00000000 has 10.25.20.66 beside the addresses of the machines; remove it.",
		},
	],

	checkStack(resources, report) {
		const ownerOf = ownersIn(resources);
		const addresses = new Map(kinds.map((kind) => [kind, addressesOfRoles(resources, kind.roles)]));
		const setsOf = new Map<Resource, string[]>();
		for (const set of resources.filter(({ type }) => type === setType)) {
			const { name = "", cidrs = [] } = set.props as FirewallSet;
			const kind = kinds.find(({ prefix }) => name.startsWith(prefix));
			if (!kind) {
				const allowed = kinds.map(({ prefix }) => `${prefix}<digest>`).join(" and ");
				report(`${set.name} is a set of the name ${name}; allowed are ${allowed}.`, set);
				continue;
			}
			const owner = ownerOf(set);
			if (owner) {
				const others = setsOf.get(owner) ?? [];
				setsOf.set(owner, [...others, name]);
				if (others.some((other) => other.startsWith(kind.prefix))) {
					report(`${set.name} is a second set of ${kind.plural} on machine ${owner.name}; remove it.`, set);
				}
			}
			const wanted = addresses.get(kind)!;
			// An entry with this flag takes addresses out of the set.
			const members = cidrs.map((cidr) => `${cidr.nomatch ? "!" : ""}${cidr.name}`);
			const further = members.filter((member) => !wanted.includes(member));
			if (further.length > 0) {
				report(`${set.name} has ${further.join(", ")} beside the addresses of ${kind.plural}; remove it.`, set);
			}
			const missing = wanted.filter((address) => !members.includes(address));
			if (missing.length > 0) {
				report(`${set.name} lacks ${missing.join(", ")} of the addresses of ${kind.plural}; add it.`, set);
			}
		}
		for (const part of resources.filter(({ type }) => type === rulesType)) {
			const owner = ownerOf(part);
			const own = ((owner && setsOf.get(owner)) ?? []).map((name) => `+guest/${name}`);
			for (const [index, { source = "" }] of ((part.props as { rules?: FirewallRule[] }).rules ?? []).entries()) {
				const named = source.split(",").map((text) => text.trim());
				const others = named.filter((text) => text.startsWith("+") && !own.includes(text));
				if (others.length > 0) {
					report(
						`${part.name} accepts the set ${others.join(", ")} in rule ${index}, which is no set of its machine; name one of those.`,
						part,
					);
				}
			}
		}
	},
};

function addressesOfRoles(resources: readonly Resource[], roles: readonly MachineRole[]): string[] {
	return resources.flatMap((resource) => {
		const machine = machineOf(resource);
		return machine && rolesOf(machine).some((role) => roles.includes(role)) ? addressesOf(machine) : [];
	});
}
