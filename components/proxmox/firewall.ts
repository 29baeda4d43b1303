import { IpsetLegacy } from "@muhlba91/pulumi-proxmoxve/firewall/ipsetLegacy.js";
import { OptionsLegacy } from "@muhlba91/pulumi-proxmoxve/firewall/optionsLegacy.js";
import { RulesLegacy } from "@muhlba91/pulumi-proxmoxve/firewall/rulesLegacy.js";
import type { VmLegacy } from "@muhlba91/pulumi-proxmoxve/vmLegacy.js";
import * as pulumi from "@pulumi/pulumi";
import { firewallOptionsName } from "../../src/facts/resource-names.ts";
import type { FirewallRules } from "./firewall-rules.ts";

export interface MachineFirewallArgs {
	machine: VmLegacy;
	enabled: boolean;
	rules: FirewallRules;
}

/**
 * The packet filter in front of one machine. Sets and rules belong to the machine rather than to the datacenter, because
 * those of the datacenter need Sys.Modify on `/`.
 */
export class MachineFirewall extends pulumi.ComponentResource {
	constructor(name: string, args: MachineFirewallArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:proxmox:MachineFirewall", name, {}, opts);
		// From the outputs, so that a machine that is made again gets its filter again: destroying it took the filter along.
		const { nodeName, vmId } = args.machine;
		const machine = { nodeName, vmId };
		// The provider would look on the new machine for what only the old one had, and delete it from a machine that is gone.
		const options = { parent: this, replaceOnChanges: ["nodeName", "vmId"], deleteBeforeReplace: true };
		const { sets, rules } = args.enabled ? args.rules : { sets: [], rules: [] };
		const made = sets.map(
			(set) =>
				new IpsetLegacy(
					`${name}-${set.name}`,
					{
						...machine,
						name: set.name,
						comment: set.comment,
						cidrs: set.addresses.map((address) => ({ name: address })),
					},
					options,
				),
		);
		const accepted =
			rules.length > 0
				? [
						new RulesLegacy(
							`${name}-rules`,
							{ ...machine, rules: rules.map((rule) => ({ ...rule, type: "in", action: "ACCEPT" })) },
							// Proxmox refuses a rule that names a set which is not there.
							{ ...options, dependsOn: made },
						),
					]
				: [];
		// Always there: the provider leaves the options of a deleted resource as they are, and a machine without its rules
		// behind a filter that still drops would be out of reach.
		new OptionsLegacy(
			firewallOptionsName(name),
			{
				...machine,
				enabled: args.enabled,
				inputPolicy: "DROP",
				outputPolicy: "ACCEPT",
				macfilter: true,
				// The virtual address of the API and those of MetalLB are not the machine's own.
				ipfilter: false,
			},
			{
				...options,
				dependsOn: accepted,
				// A machine that was deleted by hand comes back under the same id, and a refresh does not see that its options
				// are gone: the provider reads those that were never set as those it wrote. The new machine's card is a new one.
				replacementTrigger: args.machine.networkDevices.apply((cards) => cards?.[0]?.macAddress ?? ""),
			},
		);
		this.registerOutputs({});
	}
}
