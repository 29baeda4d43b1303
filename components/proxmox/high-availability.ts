import { Haresource } from "@muhlba91/pulumi-proxmoxve/haresource.js";
import { Harule } from "@muhlba91/pulumi-proxmoxve/harule.js";
import type { VmLegacy } from "@muhlba91/pulumi-proxmoxve/vmLegacy.js";
import * as pulumi from "@pulumi/pulumi";

export interface HighAvailabilityArgs {
	/** Name of the cluster; names the rules. */
	cluster: string;
	/** Hosts that the machines may run on. */
	hosts: string[];
	/** Machines that may start on another host, by node name; none of them has a card. */
	machines: Record<string, { machine: VmLegacy; controlPlane: boolean }>;
}

/**
 * What Proxmox starts elsewhere when a host fails, and where: only on the hosts of the stack file, and never two control
 * planes on one. Rules, not the groups of Proxmox VE 8. https://pve.proxmox.com/pve-docs/chapter-ha-manager.html#ha_manager_rules
 */
export class HighAvailability extends pulumi.ComponentResource {
	constructor(name: string, args: HighAvailabilityArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:proxmox:HighAvailability", name, {}, opts);
		const managed = Object.entries(args.machines).map(([node, { machine, controlPlane }]) => ({
			controlPlane,
			resource: new Haresource(
				`${name}-${node}`,
				// From the outputs, so that a machine that is made again is managed again: destroying it ended that.
				{ resourceId: pulumi.interpolate`vm:${machine.vmId}`, state: "started" },
				// The provider would write another id into the old resource.
				{ parent: this, replaceOnChanges: ["resourceId"], deleteBeforeReplace: true },
			),
		}));
		const rule = (purpose: string, resources: Haresource[], options: RuleOptions) =>
			new Harule(
				`${name}-${purpose}`,
				{
					rule: `rke2-${args.cluster}-${purpose}`,
					resources: resources.map(({ resourceId }) => resourceId),
					...options,
				},
				// A resource that goes is struck off the rules.
				{ parent: this, replaceOnChanges: ["resources"], deleteBeforeReplace: true },
			);
		if (managed.length > 0) {
			rule(
				"hosts",
				managed.map(({ resource }) => resource),
				// All alike: Proxmox refuses different priorities for resources that are kept apart, and does not keep a 0.
				{ type: "node-affinity", strict: true, nodes: Object.fromEntries(args.hosts.map((host) => [host, 1])) },
			);
		}
		const controlPlanes = managed.filter(({ controlPlane }) => controlPlane).map(({ resource }) => resource);
		// Proxmox refuses a rule that keeps one resource apart.
		if (controlPlanes.length > 1) {
			rule("control-planes-apart", controlPlanes, { type: "resource-affinity", affinity: "negative" });
		}
		this.registerOutputs({});
	}
}

type RuleOptions =
	| { type: "node-affinity"; strict: boolean; nodes: Record<string, number> }
	| { type: "resource-affinity"; affinity: "negative" };
