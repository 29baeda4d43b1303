/** Addresses that are in use, which no node, no API and no Service can have as well. */
import { proxmoxHost } from "../derived/endpoints.ts";
import { bounds, isAddress } from "../formats/addresses.ts";
import { hostOf } from "../formats/hosts.ts";
import { applyRules, eachEntry, eachItem } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";

export interface TakenAddress {
	address: string;
	/** The user of the address, with its key in the stack file, for a message. */
	owner: string;
}

/** The network address and the broadcast address of the node network. */
export function segmentEnds({ network: { cidr } }: StackConfig): TakenAddress[] {
	const { first, last } = bounds(cidr);
	return [
		{ address: first, owner: `the network address of network.cidr ${cidr}` },
		{ address: last, owner: `the broadcast address of network.cidr ${cidr}` },
	];
}

/** Addresses of machines other than the nodes and the API, in the node network or not. */
export function neighbours(stack: StackConfig): TakenAddress[] {
	return applyRules(
		stack,
		segmentEnds,
		({ network }) => [{ address: network.gateway, owner: "the gateway (network.gateway)" }],
		({ network }) => each("a nameserver", "network.nameservers", network.nameservers),
		({ network }) => each("a time server", "network.timeServers", network.timeServers),
		({ platform }) => each("a scraper", "platform.scrapers", platform.scrapers),
		({ ssh }) => (ssh.bastion ? [{ address: hostOf(ssh.bastion.host), owner: "the bastion (ssh.bastion.host)" }] : []),
		() => [{ address: proxmoxHost(stack), owner: "Proxmox (proxmox.endpoint)" }],
	).filter(({ address }) => isAddress(address));
}

/** The API's own address, none in mode `dns`. */
export function apiAddress({ cluster: { api } }: StackConfig): TakenAddress[] {
	return api.address ? [{ address: api.address, owner: "the address of the API (cluster.api.address)" }] : [];
}

export function nodeAddresses({ nodes }: StackConfig): TakenAddress[] {
	return eachEntry(nodes, (name, { address }) => [{ address, owner: `the node ${name} (nodes.${name}.address)` }]);
}

/** @returns a message when the address is in use */
export function conflict(address: string, taken: TakenAddress[]): string | undefined {
	const found = taken.find((other) => other.address === address);
	return found && `${address} is ${found.owner}.`;
}

function each(what: string, key: string, addresses: string[]): TakenAddress[] {
	return eachItem(addresses, (address, index) => [{ address, owner: `${what} (${key}.${index})` }]);
}
