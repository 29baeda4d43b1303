/** Destinations outside the cluster, as peers of a NetworkPolicy. */
import { proxmoxHost } from "../../../src/config/derived/endpoints.ts";
import { bounds, contains, isAddress } from "../../../src/config/formats/addresses.ts";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import type { NetworkPeer } from "./network-policy.ts";

/** Networks that no router of the internet has a way to (https://www.rfc-editor.org/rfc/rfc6890). */
const privateNetworks = ["10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** A host's own neighbours, and in clouds the server that hands out credentials, at 169.254.169.254. */
const linkLocal = "169.254.0.0/16";

const everything = "0.0.0.0/0";

export function single(address: string): NetworkPeer {
	return { ipBlock: { cidr: `${address}/32` } };
}

/**
 * The internet: everything but private networks, those of the cluster and its machines, and Proxmox, also where these have
 * public addresses.
 */
export function internet(stack: StackConfig): NetworkPeer {
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

/** For a host whose address nobody knows here: everything but the cluster, its machines, Proxmox and link-local addresses. */
export function anywhereOutside(stack: StackConfig): NetworkPeer {
	const { nodes, cluster } = stack;
	return without(everything, [
		linkLocal,
		cluster.podCidr,
		cluster.serviceCidr,
		...Object.values(nodes).map(({ address }) => `${address}/32`),
		...addressOfProxmox(stack),
	]);
}

/** @param cidr as a stack file has it: may hold networks of the cluster, which are left out, but not lie in one */
export function outside(stack: StackConfig, cidr: string): NetworkPeer {
	const { podCidr, serviceCidr } = stack.cluster;
	return cidr === "internet" ? internet(stack) : without(cidr, [podCidr, serviceCidr, linkLocal]);
}

/** Nothing where the endpoint is a name: a policy knows none. */
function addressOfProxmox(stack: StackConfig): string[] {
	const host = proxmoxHost(stack);
	return isAddress(host) ? [`${host}/32`] : [];
}

/** The API server takes an exception only within its network, which some are not, and one within another says nothing. */
function without(cidr: string, networks: string[]): NetworkPeer {
	const holes = [...new Set(networks)].filter((network) => network !== cidr && isWithin(network, cidr));
	const except = holes.filter((hole) => !holes.some((other) => other !== hole && isWithin(hole, other)));
	return { ipBlock: except.length > 0 ? { cidr, except } : { cidr } };
}

function isWithin(inner: string, outer: string): boolean {
	const { first, last } = bounds(inner);
	return contains(outer, first) && contains(outer, last);
}
