/**
 * A server outside the cluster cannot have an address of the pod or the service network: nodes and pods route these
 * addresses inside the cluster. Another rule keeps the node network apart from both.
 */
import { contains, isAddress } from "../formats/addresses.ts";
import { hostOf } from "../formats/hosts.ts";
import type { Problem } from "../read/problems.ts";
import { applyRules } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";
import { type OutsideHost, outsideHosts } from "./outside-hosts.ts";

export function checkOutside(stack: StackConfig): Problem[] {
	const { cluster, network } = stack;
	return [...outsideHosts(stack), ...applyRules(stack, bastion)]
		.filter(({ host }) => isAddress(host) && !contains(network.cidr, host))
		.flatMap(({ key, host }) =>
			(["podCidr", "serviceCidr"] as const)
				.filter((name) => contains(cluster[name], host))
				.map((name) => ({
					key,
					message: `${host} is in cluster.${name} ${cluster[name]}; a server outside the cluster needs an address outside its networks.`,
				})),
		);
}

/** The nodes answer to it. */
function bastion({ ssh }: StackConfig): OutsideHost[] {
	return ssh.bastion ? [{ key: "ssh.bastion.host", host: hostOf(ssh.bastion.host) }] : [];
}
