import { ingressRules } from "../../../src/facts/resource-names.ts";
import { editResource } from "../../lib/examples/resources.ts";
import { canonical, differing } from "../../lib/rules/majority.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { machines } from "../../lib/rules/subjects.ts";
import {
	type FirewallOptions,
	type FirewallRule,
	isFirewallPart,
	optionsType,
	ownersIn,
	rulesType,
} from "../../lib/vm/firewalls.ts";
import { type MachineRole, machineOf, machineRoles, rolesOf } from "../../lib/vm/machines.ts";

/** The firewall of a machine. */
interface Firewall {
	machine: Resource;
	roles: readonly MachineRole[];
	options: FirewallOptions | undefined;
	/** Each in one spelling. */
	rules: readonly string[];
	/** The same, of the rules that only nodes with an ingress have. */
	ingress: readonly string[];
}

const commentsOfIngress: readonly string[] = Object.values(ingressRules);

/**
 * Each rule for itself may be one that an administrator wants. One that a single machine has is hidden among the others: a stack file
 * gives the rules of all machines at once. A taint that keeps the ingress away from a node takes away its rules for the ingress.
 */
export const vmEqualFirewalls: StackRule = {
	name: "vm-equal-firewalls",
	description:
		"The firewalls of all machines have the same options, and those of one role the same rules; the rules of the ingress may be left out.",
	severity: "high",
	controls: [],
	frameworks: {
		cisControls: ["4.1", "4.4", "13.4"],
		iso27001: ["A.8.9", "A.8.20"],
		nist80053: ["AC-4", "CM-2", "SC-7"],
	},
	remediation: "Set `proxmox.firewall`, which holds for every machine.",
	url: "https://pve.proxmox.com/pve-docs/chapter-pve-firewall.html",
	subject: machines,
	examples: [
		{
			change: "another policy for outgoing packets on one machine",
			apply: editResource(optionsType, "proj-k8sm02-firewall-options", (props) => ({ ...props, macfilter: false })),
			sentence:
				"The firewall of machine proj-k8sm02 has other options than most; make them equal: proxmox.firewall holds for every machine.",
		},
	],

	checkStack(resources, report) {
		const firewalls = firewallsOf(resources);
		const accused = new Set<Resource>();
		for (const { machine } of differing(firewalls, ({ options }) => textOfOptions(options))) {
			report(
				`The firewall of machine ${machine.name} has other options than most; make them equal: proxmox.firewall holds for every machine.`,
				machine,
			);
		}
		for (const role of machineRoles) {
			const alike = firewalls.filter(({ roles }) => roles.includes(role));
			accuse(
				differing(alike, ({ rules }) => rules.join()),
				`other rules than most of the role ${role}`,
			);
		}
		accuse(
			differing(
				firewalls.filter(({ ingress }) => ingress.length > 0),
				({ ingress }) => ingress.join(),
			),
			"other rules for the ingress than most",
		);
		accuse(withoutCommonRules(firewalls, accused), "not all rules that the workers have");

		function accuse(found: readonly Firewall[], difference: string): void {
			for (const { machine } of found) {
				accused.add(machine);
				report(
					`The firewall of machine ${machine.name} has ${difference}; make them equal: proxmox.firewall holds for every machine.`,
					machine,
				);
			}
		}
	},
};

function firewallsOf(resources: readonly Resource[]): Firewall[] {
	const ownerOf = ownersIn(resources);
	const parts = new Map<Resource, Resource[]>();
	for (const part of resources.filter(isFirewallPart)) {
		const owner = ownerOf(part);
		if (owner) {
			parts.set(owner, [...(parts.get(owner) ?? []), part]);
		}
	}
	return resources.flatMap((machine): Firewall[] => {
		const read = machineOf(machine);
		if (!read) {
			return [];
		}
		const own = parts.get(machine) ?? [];
		const rules = own
			.filter(({ type }) => type === rulesType)
			.flatMap(({ props }) => (props as { rules?: FirewallRule[] }).rules ?? []);
		const isOfIngress = ({ comment = "" }: FirewallRule) => commentsOfIngress.includes(comment);
		return [
			{
				machine,
				roles: rolesOf(read),
				options: own.find(({ type }) => type === optionsType)?.props,
				rules: texts(rules.filter((rule) => !isOfIngress(rule))),
				ingress: texts(rules.filter(isOfIngress)),
			},
		];
	});
}

/** As a set: the order of rules that all accept is of no effect. */
function texts(rules: readonly FirewallRule[]): string[] {
	return [...new Set(rules.map(canonical))].sort();
}

/** All that says what the filter does, without the machine that it belongs to. */
function textOfOptions({ enabled, inputPolicy, outputPolicy, macfilter, ipfilter }: FirewallOptions = {}): string {
	return canonical({ enabled, inputPolicy, outputPolicy, macfilter, ipfilter });
}

/** A control plane has the rules of every machine, and further ones. This shows when it is the only one. */
function withoutCommonRules(firewalls: readonly Firewall[], accused: ReadonlySet<Resource>): Firewall[] {
	const trusted = firewalls.filter(({ machine }) => !accused.has(machine));
	const worker = trusted.find(({ roles }) => roles.includes("worker"));
	return trusted.filter(
		({ roles, rules }) =>
			worker !== undefined && roles.includes("control-plane") && !worker.rules.every((rule) => rules.includes(rule)),
	);
}
