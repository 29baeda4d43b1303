/** What the lab's network has beside Proxmox and the nodes, as the stack file expects it. */
import type { StackConfig } from "../../src/config/schema/stack.ts";

export interface Services {
	names: Names;
	loadBalancer?: LoadBalancerDescription | undefined;
}

export interface Names {
	/** Addresses that name servers answer on. */
	servers: string[];
	/** Addresses by name. Nobody knows any other name. */
	records: Record<string, string[]>;
}

/** Passes connections on 6443 and 9345 through to a control plane that answers there. */
export interface LoadBalancerDescription {
	address: string;
	/** Addresses of the control planes. */
	servers: string[];
}

export function describeServices({ cluster: { api }, network, nodes }: StackConfig): Services {
	const controlPlanes = Object.values(nodes)
		.filter(({ role }) => role === "control-plane")
		.map(({ address }) => address);
	return {
		names: {
			servers: network.nameservers,
			records: { [api.hostname]: api.address === undefined ? controlPlanes : [api.address] },
		},
		loadBalancer:
			api.mode === "external" && api.address !== undefined
				? { address: api.address, servers: controlPlanes }
				: undefined,
	};
}
