/** Networks as intervals of addresses, of both versions of IP. */
import ipaddr from "ipaddr.js";
import type { Interval } from "./intervals.ts";

/** Every address of one version. */
export const everyAddress: Readonly<Record<Network["version"], Interval>> = {
	ipv4: { first: 0n, last: 2n ** 32n - 1n },
	ipv6: { first: 0n, last: 2n ** 128n - 1n },
};

export interface Network extends Interval {
	version: "ipv4" | "ipv6";
}

/** A network in CIDR form, or nothing where it is none. */
export function networkOf(cidr: string): Network | undefined {
	if (!ipaddr.isValidCIDR(cidr)) {
		return undefined;
	}
	const [address, prefix] = ipaddr.parseCIDR(cidr);
	const bytes = address.toByteArray();
	const size = 2n ** BigInt(bytes.length * 8 - prefix);
	const number = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
	const first = number - (number % size);
	return { version: address.kind(), first, last: first + size - 1n };
}
