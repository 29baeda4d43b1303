/** Rules for the addresses that MetalLB assigns. */
import { bounds, contains, overlaps } from "../formats/addresses.ts";
import type { Problem } from "../read/problems.ts";
import { applyRules, eachItem } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";
import { apiAddress, neighbours, nodeAddresses } from "./taken-addresses.ts";

export function checkLoadBalancerPool(stack: StackConfig): Problem[] {
	return applyRules(stack, overlappingRanges, addresses);
}

/** MetalLB refuses the pool, announced or not. */
function overlappingRanges({ platform: { metallb } }: StackConfig): Problem[] {
	const pool = metallb?.pool ?? [];
	return pool.flatMap((range, index) =>
		pool
			.slice(0, index)
			.map((other, otherIndex) => ({ other, otherIndex }))
			.filter(({ other }) => overlaps(range, other))
			.map(({ other, otherIndex }) => ({
				key: `platform.metallb.pool.${index}`,
				message: `${range} overlaps ${other} (platform.metallb.pool.${otherIndex}); MetalLB refuses such a pool.`,
			})),
	);
}

function addresses(stack: StackConfig): Problem[] {
	const { metallb } = stack.platform;
	if (!metallb) {
		return [];
	}
	const { cidr } = stack.network;
	// MetalLB refuses a pool with the address of a node, announced or not.
	const taken = metallb.announce
		? [...neighbours(stack), ...apiAddress(stack), ...nodeAddresses(stack)]
		: nodeAddresses(stack);
	return eachItem(metallb.pool, (range, index) => {
		const key = `platform.metallb.pool.${index}`;
		const { first, last } = bounds(range);
		if (metallb.announce && !(contains(cidr, first) && contains(cidr, last))) {
			return [
				{
					key,
					message: `${range} is outside network.cidr ${cidr}: MetalLB answers ARP only on the nodes' own segment, so these addresses would never work.`,
				},
			];
		}
		return taken
			.filter(({ address }) => overlaps(range, `${address}/32`))
			.map(({ address, owner }) => ({ key, message: `${range} contains ${address}, which is ${owner}.` }));
	});
}
