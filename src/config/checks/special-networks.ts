/** Rules for addresses that no other machine can have: loopback, link-local, multicast, reserved. */
import { specialNetworks } from "../../facts/special-networks.ts";
import { bounds, contains, isAddress, overlaps } from "../formats/addresses.ts";
import { isLoopback } from "../formats/hosts.ts";
import type { Problem } from "../read/problems.ts";
import { applyRules, eachEntry, eachItem } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";
import { destinationsOf } from "./destinations.ts";
import { outsideHosts } from "./outside-hosts.ts";

export function checkSpecialNetworks(stack: StackConfig): Problem[] {
	return applyRules(stack, ownNetworks, peers, destinations, hosts);
}

/** The three networks of the cluster may not contain such an address. */
function ownNetworks({ cluster, network }: StackConfig): Problem[] {
	const networks = {
		"network.cidr": () => network.cidr,
		"cluster.podCidr": () => cluster.podCidr,
		"cluster.serviceCidr": () => cluster.serviceCidr,
	};
	return eachEntry(networks, (key, read) => {
		const cidr = read();
		const special = specialPartOf(cidr);
		return special ? [{ key, message: `${cidr} has addresses of ${special}, which no network can use.` }] : [];
	});
}

/** Clients and destinations: a wide network may contain such addresses, but must contain others too. */
function peers({ cluster, platform, proxmox: { firewall } }: StackConfig): Problem[] {
	const lists: Record<string, readonly string[]> = {
		"proxmox.firewall.adminCidrs": firewall.adminCidrs,
		"proxmox.firewall.clientCidrs": firewall.clientCidrs,
		"proxmox.firewall.nodePortCidrs": firewall.nodePortCidrs,
		"cluster.api.balancerCidrs": cluster.api.balancerCidrs ?? [],
		"platform.traefik.trustedProxies": platform.traefik.trustedProxies,
		"platform.metallb.pool": platform.metallb?.pool ?? [],
	};
	return eachEntry(lists, (key, list) => eachItem(list, (cidr, index) => entirelySpecial(`${key}.${index}`, cidr)));
}

function destinations(stack: StackConfig): Problem[] {
	return eachEntry(destinationsOf(stack), (key, allowTo) =>
		eachItem(allowTo, ({ cidr }, index) =>
			cidr === "internet" ? [] : entirelySpecial(`${key}.allowTo.${index}.cidr`, cidr),
		),
	);
}

function entirelySpecial(key: string, cidr: string): Problem[] {
	const special = specialWholeOf(cidr);
	return special ? [{ key, message: `${cidr} is in ${special}, which no other machine can have.` }] : [];
}

function hosts(stack: StackConfig): Problem[] {
	return outsideHosts(stack).flatMap(({ key, host, onEachNode }) => {
		if (onEachNode && isLoopback(host)) {
			return [];
		}
		const special = isAddress(host) ? specialWholeOf(`${host}/32`) : isLoopback(host) ? "loopback" : undefined;
		return special
			? [{ key, message: `${host} is ${special}: nodes and pods cannot reach another machine there.` }]
			: [];
	});
}

/** @returns the first special network that overlaps this one, for a message */
function specialPartOf(cidr: string): string | undefined {
	const found = specialNetworks.find((special) => overlaps(special.cidr, cidr));
	return found && `${found.what}, ${found.cidr}`;
}

/** @returns the special network that contains all of this one, for a message */
function specialWholeOf(cidr: string): string | undefined {
	const { first, last } = bounds(cidr);
	const found = specialNetworks.find((special) => contains(special.cidr, first) && contains(special.cidr, last));
	return found && `${found.what}, ${found.cidr}`;
}
