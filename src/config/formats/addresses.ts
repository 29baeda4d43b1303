/** Arithmetic on the IPv4 addresses and networks of a stack file. */
import ipaddr from "ipaddr.js";

export function isAddress(text: string): boolean {
	return ipaddr.IPv4.isValidFourPartDecimal(text);
}

/** A network in CIDR form with no host bits set. */
export function isCidr(text: string): boolean {
	if (!/^\d+\.\d+\.\d+\.\d+\/\d+$/.test(text) || !ipaddr.IPv4.isValidCIDR(text)) {
		return false;
	}
	return `${ipaddr.IPv4.networkAddressFromCIDR(text)}` === text.split("/")[0];
}

/** The network of an interface's address with its prefix: `10.25.20.0/24` for `10.25.20.5/24`. */
export function networkOf(cidr: string): string {
	return `${ipaddr.IPv4.networkAddressFromCIDR(cidr)}/${prefixLength(cidr)}`;
}

/** `first-last` with first <= last, or a CIDR. */
export function isRange(text: string): boolean {
	if (isCidr(text)) {
		return true;
	}
	const [first, last, ...rest] = text.split("-");
	return rest.length === 0 && isAddress(first ?? "") && isAddress(last ?? "") && toNumber(first!) <= toNumber(last!);
}

/** First and last address, both inclusive, of a CIDR or a range; both must be valid. */
export function bounds(text: string): { first: string; last: string } {
	if (isCidr(text)) {
		return {
			first: `${ipaddr.IPv4.networkAddressFromCIDR(text)}`,
			last: `${ipaddr.IPv4.broadcastAddressFromCIDR(text)}`,
		};
	}
	const [first = "", last = ""] = text.split("-");
	return { first, last };
}

export function contains(cidr: string, address: string): boolean {
	const { first, last } = bounds(cidr);
	return toNumber(first) <= toNumber(address) && toNumber(address) <= toNumber(last);
}

export function overlaps(a: string, b: string): boolean {
	const left = bounds(a);
	const right = bounds(b);
	return toNumber(left.first) <= toNumber(right.last) && toNumber(right.first) <= toNumber(left.last);
}

/** Prefix length of a CIDR. */
export function prefixLength(cidr: string): number {
	return Number(cidr.split("/")[1]);
}

export function toNumber(address: string): number {
	return ipaddr.IPv4.parse(address)
		.toByteArray()
		.reduce((sum, byte) => sum * 256 + byte, 0);
}

export function fromNumber(number: number): string {
	return [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join(".");
}
