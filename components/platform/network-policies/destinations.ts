/** Destinations outside the cluster, as peers of a NetworkPolicy. */
import { proxmoxHost } from "../../../src/config/derived/endpoints.ts";
import { bounds, contains, isAddress } from "../../../src/config/formats/addresses.ts";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import type { NetworkPeer } from "./network-policy.ts";

/** The parts of a stack that have networks and addresses. */
export type Networks = Pick<StackConfig, "cluster" | "network" | "nodes" | "proxmox">;

/** Networks that routers of the internet do not route (https://www.rfc-editor.org/rfc/rfc6890). */
const privateNetworks = ["10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

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
		...addressOfProxmox(stack),
	]);
}

/** For a host of unknown address: everything but the cluster, its nodes, Proxmox and link-local addresses. */
export function anywhereOutside(stack: Networks): NetworkPeer {
	const { nodes, cluster } = stack;
	return without(everything, [
		linkLocal,
		cluster.podCidr,
		cluster.serviceCidr,
		...Object.values(nodes).map(({ address }) => `${address}/32`),
		...addressOfProxmox(stack),
	]);
}

/** @param cidr as in the stack file: it may contain networks of the cluster, which are left out, but not be in one */
export function outside(stack: Networks, cidr: string): NetworkPeer {
	const { podCidr, serviceCidr } = stack.cluster;
	return cidr === "internet" ? internet(stack) : without(cidr, [podCidr, serviceCidr, linkLocal]);
}

/** Nothing if the endpoint is a name: a policy takes only addresses. */
function addressOfProxmox(stack: Networks): string[] {
	const host = proxmoxHost(stack);
	return isAddress(host) ? [`${host}/32`] : [];
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
