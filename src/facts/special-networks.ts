/** Networks whose addresses no machine, pod or Service can have. */
import { bounds, contains, overlaps } from "../config/formats/addresses.ts";

/** https://www.iana.org/assignments/iana-ipv4-special-registry, and RFC 1112 for the last two. */
const specialNetworks: readonly { cidr: string; what: string }[] = [
	{ cidr: "0.0.0.0/8", what: "this network (RFC 1122)" },
	{ cidr: "127.0.0.0/8", what: "loopback (RFC 1122)" },
	{ cidr: "169.254.0.0/16", what: "link-local (RFC 3927)" },
	{ cidr: "224.0.0.0/4", what: "multicast (RFC 5771)" },
	{ cidr: "240.0.0.0/4", what: "reserved (RFC 1112)" },
];

/** @returns what the first special network is that has an address with this one in common */
export function specialPartOf(cidr: string): string | undefined {
	const found = specialNetworks.find((special) => overlaps(special.cidr, cidr));
	return found && `${found.what}, ${found.cidr}`;
}

/** @returns what the special network is that holds the whole of this one */
export function specialWholeOf(cidr: string): string | undefined {
	const { first, last } = bounds(cidr);
	const found = specialNetworks.find((special) => contains(special.cidr, first) && contains(special.cidr, last));
	return found && `${found.what}, ${found.cidr}`;
}
