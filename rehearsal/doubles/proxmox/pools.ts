import type { Vms } from "./qemu/vm.ts";
import { die } from "./server/errors.ts";
import { splitList } from "./server/parameters.ts";
import type { Call, Route } from "./server/router.ts";

interface Pool {
	comment?: string;
}

/** Resource pools. A VM is in at most one. */
export class Pools {
	readonly #pools = new Map<string, Pool>();
	readonly #members = new Map<number, string>();

	/** @param pools pools that were made by hand before the program runs */
	constructor(pools: string[]) {
		for (const pool of pools) {
			this.#pools.set(pool, {});
		}
	}

	get(pool: string): Pool {
		return this.#pools.get(pool) ?? die(`pool '${pool}' does not exist`);
	}

	create(pool: string, comment: string | undefined): void {
		if (this.#pools.has(pool)) {
			die(`create pool failed: pool '${pool}' already exists`);
		}
		this.#pools.set(pool, { comment });
	}

	delete(pool: string): void {
		this.get(pool);
		const [member] = this.membersOf(pool);
		if (member !== undefined) {
			die(`delete pool failed: pool '${pool}' is not empty (contains VM ${member})`);
		}
		this.#pools.delete(pool);
	}

	all(): string[] {
		return [...this.#pools.keys()].sort();
	}

	membersOf(pool: string): number[] {
		const members = [...this.#members].filter(([, name]) => name === pool).map(([vmId]) => vmId);
		return members.sort((a, b) => a - b);
	}

	poolOf(vmId: number): string | undefined {
		return this.#members.get(vmId);
	}

	add(vmId: number, pool: string): void {
		this.#members.set(vmId, pool);
	}

	remove(vmId: number): void {
		this.#members.delete(vmId);
	}
}

/**
 * `/pools`, as in pve-manager 9.2. The provider reads every pool that its token may read to find the pool of a VM.
 *
 * @param forgetAcl removes the access control entries of a removed pool
 */
export function poolRoutes(pools: Pools, vms: Vms, forgetAcl: (pool: string) => void): Route[] {
	return [
		{
			method: "GET",
			path: "/pools",
			handle({ access, parameters }) {
				const poolId = parameters.optional("poolid");
				if (poolId === undefined) {
					return pools
						.all()
						.filter((pool) => access.has(`/pool/${pool}`, "Pool.Audit"))
						.map((poolid) => ({ poolid, ...pools.get(poolid) }));
				}
				access.require(`/pool/${poolId}`, "Pool.Audit");
				const pool = pools.get(poolId);
				const members = vms
					.all()
					.filter((vm) => pools.poolOf(vm.id) === poolId)
					.map((vm) => ({ id: `qemu/${vm.id}`, type: "qemu", vmid: vm.id, node: vm.host }));
				return [{ poolid: poolId, ...pool, members }];
			},
		},
		{
			method: "POST",
			path: "/pools",
			handle({ access, parameters }) {
				const pool = parameters.required("poolid");
				access.require(`/pool/${pool}`, "Pool.Allocate");
				pools.create(pool, parameters.optional("comment"));
			},
		},
		{ method: "PUT", path: "/pools", handle: (call) => change(call, pools) },
		{
			method: "DELETE",
			path: "/pools",
			handle({ access, parameters }) {
				const pool = parameters.required("poolid");
				access.require(`/pool/${pool}`, "Pool.Allocate");
				pools.delete(pool);
				forgetAcl(pool);
			},
		},
	];
}

function change({ access, parameters }: Call, pools: Pools): void {
	const name = parameters.required("poolid");
	access.require(`/pool/${name}`, "Pool.Allocate");
	const pool = pools.get(name);
	const comment = parameters.optional("comment");
	if (comment !== undefined) {
		pool.comment = comment;
	}
	for (const vmId of splitList(parameters.optional("vms")).map(Number)) {
		access.requireAny(`/vms/${vmId}`, "Permissions.Modify", "VM.Allocate");
		const current = pools.poolOf(vmId);
		if (parameters.flag("delete")) {
			if (current !== name) {
				die(`update pools failed: VM ${vmId} is not a pool member`);
			}
			pools.remove(vmId);
			continue;
		}
		if (current === name) {
			die(`update pools failed: VM ${vmId} is already a pool member`);
		}
		if (current !== undefined) {
			if (!parameters.flag("allow-move")) {
				die(`update pools failed: VM ${vmId} belongs already to pool '${current}' and 'allow-move' is not set`);
			}
			access.require(`/pool/${current}`, "Pool.Allocate");
		}
		pools.add(vmId, name);
	}
}
