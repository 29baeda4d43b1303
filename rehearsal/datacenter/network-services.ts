/** The services that the lab's network has besides Proxmox and the nodes: name servers, and a load balancer in some modes. */
import type { StackConfig } from "../../src/config/schema/stack.ts";
import type { LoadBalancerDescription } from "../doubles/network/load-balancer.ts";
import type { NameServers } from "../doubles/network/names.ts";

export interface NetworkServices {
	names: NameServers;
	loadBalancer?: LoadBalancerDescription | undefined;
}

/** Derives the services from what the stack file says about the API and the name servers. */
export function describeNetworkServices({ cluster: { api }, network, nodes }: StackConfig): NetworkServices {
	const controlPlanes = Object.values(nodes)
		.filter(({ role }) => role === "control-plane")
		.map(({ address }) => address);
	return {
		names: {
			addresses: network.nameservers,
			records: { [api.hostname]: api.address === undefined ? controlPlanes : [api.address] },
		},
		loadBalancer:
			api.mode === "external" && api.address !== undefined ? { address: api.address, controlPlanes } : undefined,
	};
}
