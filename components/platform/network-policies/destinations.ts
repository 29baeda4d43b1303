/** Destinations outside the cluster, as peers of a NetworkPolicy. */
import { machineNetworks } from "../../../src/config/derived/endpoints.ts";
import { bounds, contains } from "../../../src/config/formats/addresses.ts";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { privateNetworks } from "../../../src/facts/special-networks.ts";
import type { NetworkPeer } from "./network-policy.ts";

/** The parts of a stack that have networks and addresses. */
export type Networks = Pick<StackConfig, "cluster" | "network" | "nodes" | "proxmox">;

type Destination = Pick<StackConfig["platform"]["namespaces"][string]["allowTo"][number], "cidr" | "including">;

/** Link-local addresses. In clouds a server at 169.254.169.254 gives out credentials. */
const linkLocal = "169.254.0.0/16";

const everything = "0.0.0.0/0";

export function single(address: string): NetworkPeer {
	return { ipBlock: { cidr: `${address}/32` } };
}

/**
 * The internet: every address outside private networks, the cluster, the node network and Proxmox, even if these have public
 * addresses.
 */
export function internet(stack: Networks): NetworkPeer {
	const { network, cluster } = stack;
	return without(everything, [
		...privateNetworks,
		linkLocal,
		network.cidr,
		cluster.podCidr,
		cluster.serviceCidr,
		...machines(stack),
	]);
}

/** For a host of unknown address: everything but the cluster, its nodes, Proxmox and link-local addresses. */
export function anywhereOutside(stack: Networks): NetworkPeer {
	const { cluster } = stack;
	return without(everything, [linkLocal, cluster.podCidr, cluster.serviceCidr, ...machines(stack)]);
}

/**
 * A destination of the stack file. Its network may contain networks of the cluster and the machines under it, which are
 * left out, but not be in one.
 */
export function outside(stack: Networks, { cidr, including }: Destination): NetworkPeer {
	const { podCidr, serviceCidr } = stack.cluster;
	return cidr === "internet"
		? internet(stack)
		: without(cidr, [podCidr, serviceCidr, linkLocal, ...machines(stack, including)]);
}

/** The nodes, the API and Proxmox, but those that are opened on purpose. */
function machines(stack: Networks, including: Destination["including"] = []): string[] {
	const { nodes, proxmox } = machineNetworks(stack);
	return [...(including.includes("nodes") ? [] : nodes), ...(including.includes("proxmox") ? [] : proxmox)];
}

/** The API server accepts only exceptions inside the network. An exception inside another one is redundant. */
function without(cidr: string, networks: string[]): NetworkPeer {
	const holes = [...new Set(networks)].filter((network) => network !== cidr && isWithin(network, cidr));
	const except = holes.filter((hole) => !holes.some((other) => other !== hole && isWithin(hole, other)));
	return { ipBlock: except.length > 0 ? { cidr, except } : { cidr } };
}

function isWithin(inner: string, outer: string): boolean {
	const { first, last } = bounds(inner);
	return contains(outer, first) && contains(outer, last);
}
