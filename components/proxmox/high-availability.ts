import { Haresource } from "@muhlba91/pulumi-proxmoxve/haresource.js";
import { Harule } from "@muhlba91/pulumi-proxmoxve/harule.js";
import type { VmLegacy } from "@muhlba91/pulumi-proxmoxve/vmLegacy.js";
import * as pulumi from "@pulumi/pulumi";
import { availabilityRules, partOfGroupName } from "../../src/facts/resource-names.ts";

export interface HighAvailabilityArgs {
	/** Name of the cluster; names the rules. */
	cluster: string;
	/** Hosts that the VMs may run on. */
	hosts: string[];
	/** VMs that may start on another host, by node name; none of them has a GPU. */
	machines: Record<string, { machine: VmLegacy; controlPlane: boolean }>;
}

/**
 * Proxmox restarts these VMs on another host when their host fails: only on hosts of the stack file, and never two control planes
 * on one host. It uses rules, not the groups of Proxmox VE 8.
 * https://pve.proxmox.com/pve-docs/chapter-ha-manager.html#ha_manager_rules
 */
export class HighAvailability extends pulumi.ComponentResource {
	constructor(name: string, args: HighAvailabilityArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:proxmox:HighAvailability", name, {}, opts);
		const managed = Object.entries(args.machines).map(([node, { machine, controlPlane }]) => ({
			controlPlane,
			resource: new Haresource(
				partOfGroupName(name, node),
				// From the outputs, so that a recreated VM is managed again: Proxmox ends that when the VM is destroyed.
				{ resourceId: pulumi.interpolate`vm:${machine.vmId}`, state: "started" },
				// On an update the provider would write the new id into the old resource.
				{ parent: this, replaceOnChanges: ["resourceId"], deleteBeforeReplace: true },
			),
		}));
		const rule = (purpose: string, resources: Haresource[], options: RuleOptions) =>
			new Harule(
				partOfGroupName(name, purpose),
				{
					rule: `rke2-${args.cluster}-${purpose}`,
					resources: resources.map(({ resourceId }) => resourceId),
					...options,
				},
				// Proxmox removes a deleted resource from its rules.
				{ parent: this, replaceOnChanges: ["resources"], deleteBeforeReplace: true },
			);
		if (managed.length > 0) {
			rule(
				availabilityRules.hosts,
				managed.map(({ resource }) => resource),
				// Equal priorities: Proxmox refuses different ones for resources that are kept apart, and does not store a 0.
				{ type: "node-affinity", strict: true, nodes: Object.fromEntries(args.hosts.map((host) => [host, 1])) },
			);
		}
		const controlPlanes = managed.filter(({ controlPlane }) => controlPlane).map(({ resource }) => resource);
		// Proxmox refuses a rule for a single resource.
		if (controlPlanes.length > 1) {
			rule(availabilityRules.apart, controlPlanes, { type: "resource-affinity", affinity: "negative" });
		}
		this.registerOutputs({});
	}
}

type RuleOptions =
	| { type: "node-affinity"; strict: boolean; nodes: Record<string, number> }
	| { type: "resource-affinity"; affinity: "negative" };
