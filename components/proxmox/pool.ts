import { Membership } from "@muhlba91/pulumi-proxmoxve/pool/membership.js";
import { PoolLegacy } from "@muhlba91/pulumi-proxmoxve/poolLegacy.js";
import type { VmLegacy } from "@muhlba91/pulumi-proxmoxve/vmLegacy.js";
import * as pulumi from "@pulumi/pulumi";
import { partOfGroupName } from "../../src/facts/resource-names.ts";

export interface ResourcePoolArgs {
	/** Name of the pool, which must not exist. */
	pool: string;
	/** Name of the cluster, for the comment. */
	cluster: string;
	/** Members by node name. */
	machines: Record<string, VmLegacy>;
}

/**
 * A resource pool and the VMs in it. Memberships are resources of their own: the provider never removes a VM from a pool that the
 * VM itself names, and Proxmox does not delete a pool with members.
 */
export class ResourcePool extends pulumi.ComponentResource {
	constructor(name: string, args: ResourcePoolArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:proxmox:ResourcePool", name, {}, opts);
		const pool = new PoolLegacy(
			name,
			{ poolId: args.pool, comment: `${args.cluster}, managed by Pulumi` },
			{ parent: this },
		);
		for (const [node, { vmId }] of Object.entries(args.machines)) {
			new Membership(
				partOfGroupName(name, node),
				// From the outputs, so that a recreated VM joins again: Proxmox ends the membership when the VM is destroyed.
				{ poolId: pool.poolId, vmId },
				// A VM is in one pool at most: it leaves the old pool before it joins another one.
				{ parent: this, deleteBeforeReplace: true },
			);
		}
		this.registerOutputs({});
	}
}
