/** Networks of both versions of IP, as intervals of addresses. */
import ipaddr from "ipaddr.js";
import { covers, type Interval } from "./intervals.ts";

/** Every address of one version. */
const everyAddress: Readonly<Record<Network["version"], Interval>> = {
	ipv4: { first: 0n, last: 2n ** 32n - 1n },
	ipv6: { first: 0n, last: 2n ** 128n - 1n },
};

export interface Network extends Interval {
	version: "ipv4" | "ipv6";
}

/** @returns nothing for a text that is not a network in CIDR form */
export function networkOf(cidr: string): Network | undefined {
	// The library's own function reads every text as IPv6 first, and the error of an IPv4 network costs more than its answer.
	const family = cidr.includes(":") ? ipaddr.IPv6 : ipaddr.IPv4;
	if (!family.isValidCIDR(cidr)) {
		return undefined;
	}
	const [address, prefix]: [ipaddr.IPv4 | ipaddr.IPv6, number] = family.parseCIDR(cidr);
	const size = 2n ** BigInt(address.toByteArray().length * 8 - prefix);
	const number = numberOf(address);
	const first = number - (number % size);
	return { version: address.kind(), first, last: first + size - 1n };
}

/** @returns nothing for a text that is not of the form `first-last` */
export function rangeOf(range: string): Network | undefined {
	const ends = range.split("-").map((end) => end.trim());
	if (ends.length !== 2 || !ends.every((end) => ipaddr.isValid(end))) {
		return undefined;
	}
	const [first, last] = ends.map((end) => ipaddr.parse(end));
	return { version: first!.kind(), first: numberOf(first!), last: numberOf(last!) };
}

function numberOf(address: ipaddr.IPv4 | ipaddr.IPv6): bigint {
	return address.toByteArray().reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

/** Whether the networks together cover every address of one version. */
export function coverEveryAddress(networks: readonly Network[]): boolean {
	return (["ipv4", "ipv6"] as const).some((kind) =>
		covers(
			networks.filter(({ version }) => version === kind),
			everyAddress[kind],
		),
	);
}
