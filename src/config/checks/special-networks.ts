/** Addresses that mean something else than a place in a network: loopback, link-local, multicast, reserved. */

import { specialNetworks } from "../../facts/special-networks.ts";
import { bounds, contains, isAddress, overlaps } from "../formats/addresses.ts";
import { isLoopback } from "../formats/hosts.ts";
import type { Problem } from "../read/problems.ts";
import { applyRules, eachEntry, eachItem } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";
import { outsideHosts } from "./outside-hosts.ts";

export function checkSpecialNetworks(stack: StackConfig): Problem[] {
	return applyRules(stack, ownNetworks, peers, destinations, hosts);
}

/** The three networks of the cluster may have no such address at all. */
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

/** Who may reach the cluster and what it may reach: a wide network may have such addresses in it. */
function peers({ cluster, platform, proxmox: { firewall } }: StackConfig): Problem[] {
	const lists: Record<string, readonly string[]> = {
		"proxmox.firewall.adminCidrs": firewall.adminCidrs,
		"proxmox.firewall.clientCidrs": firewall.clientCidrs,
		"proxmox.firewall.nodePortCidrs": firewall.nodePortCidrs,
		"cluster.api.balancerCidrs": cluster.api.balancerCidrs ?? [],
		"platform.traefik.trustedProxies": platform.traefik.trustedProxies,
		"platform.metallb.pool": platform.metallb?.pool ?? [],
	};
	return eachEntry(lists, (key, list) => eachItem(list, (cidr, index) => elsewhere(`${key}.${index}`, cidr)));
}

function destinations({ platform: { namespaces } }: StackConfig): Problem[] {
	return eachEntry(namespaces, (name, { allowTo }) =>
		eachItem(allowTo, ({ cidr }, index) =>
			cidr === "internet" ? [] : elsewhere(`platform.namespaces.${name}.allowTo.${index}.cidr`, cidr),
		),
	);
}

function elsewhere(key: string, cidr: string): Problem[] {
	const special = specialWholeOf(cidr);
	return special ? [{ key, message: `${cidr} is in ${special}, where no other machine is.` }] : [];
}

function hosts(stack: StackConfig): Problem[] {
	return outsideHosts(stack).flatMap(({ key, host, onEachNode }) => {
		if (onEachNode && isLoopback(host)) {
			return [];
		}
		const special = isAddress(host) ? specialWholeOf(`${host}/32`) : isLoopback(host) ? "loopback" : undefined;
		return special
			? [{ key, message: `${host} is ${special}: nodes and pods would look for it in themselves or nowhere.` }]
			: [];
	});
}

/** @returns what the first special network is that has an address with this one in common */
function specialPartOf(cidr: string): string | undefined {
	const found = specialNetworks.find((special) => overlaps(special.cidr, cidr));
	return found && `${found.what}, ${found.cidr}`;
}

/** @returns what the special network is that holds the whole of this one */
function specialWholeOf(cidr: string): string | undefined {
	const { first, last } = bounds(cidr);
	const found = specialNetworks.find((special) => contains(special.cidr, first) && contains(special.cidr, last));
	return found && `${found.what}, ${found.cidr}`;
}
