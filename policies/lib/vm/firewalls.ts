/** The parts of the machines' firewalls. Each belongs to a machine by its name, because the machine's id is an output at preview. */
import {
	firewallName,
	firewallOptionsName,
	firewallRulesName,
	firewallSetName,
} from "../../../src/facts/resource-names.ts";
import type { Resource } from "../rules/resource.ts";
import { virtualMachine } from "./machines.ts";

export const optionsType = "proxmoxve:firewall/optionsLegacy:OptionsLegacy";
export const rulesType = "proxmoxve:firewall/rulesLegacy:RulesLegacy";
export const setType = "proxmoxve:firewall/ipsetLegacy:IpsetLegacy";

export interface FirewallOptions {
	enabled?: boolean;
	inputPolicy?: string;
	outputPolicy?: string;
	macfilter?: boolean;
	ipfilter?: boolean;
}

export interface FirewallRule {
	type?: string;
	action?: string;
	enabled?: boolean;
	source?: string;
	dest?: string;
	proto?: string;
	dport?: string;
	sport?: string;
	macro?: string;
	iface?: string;
	securityGroup?: string;
	comment?: string;
}

/** A set of addresses that rules name as a source. */
export interface FirewallSet {
	name?: string;
	cidrs?: { name?: string; nomatch?: boolean }[];
}

/** Whether the resource is a part of a firewall, of a machine or of anything else. */
export function isFirewallPart({ type }: Resource): boolean {
	return type.startsWith("proxmoxve:firewall/");
}

/** @returns a function that finds the machine to which a part of a firewall belongs by its name */
export function ownersIn(resources: readonly Resource[]): (part: Resource) => Resource | undefined {
	const machines = new Map<string, Resource>();
	for (const resource of resources.filter(({ type }) => type === virtualMachine)) {
		const firewall = firewallName(resource.name);
		machines.set(firewall, machines.get(firewall) ?? resource);
	}
	return (part) => {
		const ending = partName(part, "");
		return ending !== undefined && part.name.endsWith(ending)
			? machines.get(part.name.slice(0, -ending.length))
			: undefined;
	};
}

/** The name that a part of such a type has in the firewall of a machine. */
function partName({ type, props }: Resource, firewall: string): string | undefined {
	switch (type) {
		case optionsType:
			return firewallOptionsName(firewall);
		case rulesType:
			return firewallRulesName(firewall);
		case setType:
			return firewallSetName(firewall, String((props as FirewallSet).name));
		default:
			return undefined;
	}
}
