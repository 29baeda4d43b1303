/**
 * Nodes and pods look for the addresses of the pod and the service network inside the cluster, so that nothing outside
 * can have one. The nodes' own segment is apart from both by another rule.
 */
import { contains, isAddress } from "../formats/addresses.ts";
import type { Problem } from "../read/problems.ts";
import type { StackConfig } from "../schema/stack.ts";
import { outsideHosts } from "./outside-hosts.ts";

export function checkOutside(stack: StackConfig): Problem[] {
	const { cluster, network } = stack;
	return outsideHosts(stack)
		.filter(({ host }) => isAddress(host) && !contains(network.cidr, host))
		.flatMap(({ key, host }) =>
			(["podCidr", "serviceCidr"] as const)
				.filter((name) => contains(cluster[name], host))
				.map((name) => ({
					key,
					message: `${host} is in cluster.${name} ${cluster[name]}; what is outside the cluster needs an address outside its networks.`,
				})),
		);
}
