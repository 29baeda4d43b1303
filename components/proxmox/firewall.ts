import { IpsetLegacy } from "@muhlba91/pulumi-proxmoxve/firewall/ipsetLegacy.js";
import { OptionsLegacy } from "@muhlba91/pulumi-proxmoxve/firewall/optionsLegacy.js";
import { RulesLegacy } from "@muhlba91/pulumi-proxmoxve/firewall/rulesLegacy.js";
import type { VmLegacy } from "@muhlba91/pulumi-proxmoxve/vmLegacy.js";
import * as pulumi from "@pulumi/pulumi";
import { firewallOptionsName, firewallRulesName, firewallSetName } from "../../src/facts/resource-names.ts";
import type { FirewallRules } from "./firewall-rules.ts";
import { identityOf } from "./identity.ts";

export interface MachineFirewallArgs {
	machine: VmLegacy;
	enabled: boolean;
	rules: FirewallRules;
}

/**
 * The Proxmox firewall of one VM. Sets and rules belong to the VM and not to the datacenter, because those of the datacenter need
 * Sys.Modify on `/`.
 */
export class MachineFirewall extends pulumi.ComponentResource {
	constructor(name: string, args: MachineFirewallArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:proxmox:MachineFirewall", name, {}, opts);
		// From the outputs, so that a recreated VM gets its firewall again: Proxmox deletes it with the VM.
		const { nodeName, vmId } = args.machine;
		const machine = { nodeName, vmId };
		// The provider would look for the old VM's sets and rules on the new one, and delete them from a VM that does not exist.
		const options = { parent: this, replaceOnChanges: ["nodeName", "vmId"], deleteBeforeReplace: true };
		const { sets, rules } = args.enabled ? args.rules : { sets: [], rules: [] };
		const createdSets = sets.map(
			(set) =>
				new IpsetLegacy(
					firewallSetName(name, set.name),
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
							firewallRulesName(name),
							{ ...machine, rules: rules.map((rule) => ({ ...rule, type: "in", action: "ACCEPT" })) },
							// Proxmox refuses a rule that names a missing set.
							{ ...options, dependsOn: createdSets },
						),
					]
				: [];
		// Always created: the provider does not reset the options of a deleted resource, and a VM without its rules behind a
		// firewall that still drops packets could not be reached.
		new OptionsLegacy(
			firewallOptionsName(name),
			{
				...machine,
				enabled: args.enabled,
				inputPolicy: "DROP",
				outputPolicy: "ACCEPT",
				macfilter: true,
				// The virtual address of the API and those of MetalLB are not the VM's own.
				ipfilter: false,
			},
			{
				...options,
				dependsOn: accepted,
				// A VM that was deleted by hand is recreated with the same id, and a refresh does not notice that its options are
				// missing: the provider reads unset options as those it wrote.
				replacementTrigger: identityOf(args.machine),
			},
		);
		this.registerOutputs({});
	}
}
