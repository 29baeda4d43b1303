import { Membership } from "@muhlba91/pulumi-proxmoxve/pool/membership.js";
import { PoolLegacy } from "@muhlba91/pulumi-proxmoxve/poolLegacy.js";
import type { VmLegacy } from "@muhlba91/pulumi-proxmoxve/vmLegacy.js";
import * as pulumi from "@pulumi/pulumi";

export interface ResourcePoolArgs {
	/** Name of the pool, which must not exist. */
	pool: string;
	/** Name of the cluster, for people. */
	cluster: string;
	/** Members by node name. */
	machines: Record<string, VmLegacy>;
}

/**
 * A resource pool and the machines in it. Membership is a resource of its own: a machine that names its pool is never taken
 * out of it by the provider, and a pool with members cannot be removed.
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
				`${name}-${node}`,
				// From the outputs, so that a machine that is made again joins again: destroying it made it leave.
				{ poolId: pool.poolId, vmId },
				// A machine is in one pool at most: it leaves the old one before it joins another.
				{ parent: this, deleteBeforeReplace: true },
			);
		}
		this.registerOutputs({});
	}
}
