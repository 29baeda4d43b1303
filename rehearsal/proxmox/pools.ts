import type { Vms } from "./qemu/vm.ts";
import { die } from "./server/errors.ts";
import type { Route } from "./server/router.ts";

/** Resource pools, made by hand before the program runs. A VM is in at most one. */
export class Pools {
	readonly #pools = new Set<string>();
	readonly #members = new Map<number, string>();

	constructor(pools: string[]) {
		for (const pool of pools) this.#pools.add(pool);
	}

	assertExists(pool: string): void {
		if (!this.#pools.has(pool)) die(`pool '${pool}' does not exist`);
	}

	all(): string[] {
		return [...this.#pools].sort();
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

/** `/pools`: the provider reads every pool that it may see to find the one a VM is in. */
export function poolRoutes(pools: Pools, vms: Vms): Route[] {
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
						.map((poolid) => ({ poolid }));
				}
				access.require(`/pool/${poolId}`, "Pool.Audit");
				pools.assertExists(poolId);
				const members = vms
					.all()
					.filter((vm) => pools.poolOf(vm.id) === poolId)
					.map((vm) => ({ id: `qemu/${vm.id}`, type: "qemu", vmid: vm.id, node: vm.host }));
				return [{ poolid: poolId, members }];
			},
		},
	];
}
