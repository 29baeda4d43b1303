/** Values that a pattern alone cannot tell from others: usual addresses, and images of one version. */
import { networkOf } from "../../../src/config/formats/networks.ts";

const octet = String.raw`(?:25[0-5]|2[0-4]\d|1?\d?\d)`;
export const ipv4 = String.raw`(?:${octet}\.){3}${octet}`;

/**
 * Addresses that mean every address, the node itself, or the metadata of a cloud. The program writes such an address only as
 * a constant; none comes from a stack file.
 */
const special = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"].map((cidr) => networkOf(cidr)!);

/** The shortest prefix of a network: a /7 and half of its like together are nearly everything. */
export const shortestPrefix = 8;

export function isUsual(text: string): boolean {
	const network = networkOf(text.includes("/") ? text : `${text}/32`);
	return network !== undefined && !special.some((other) => network.first <= other.last && other.first <= network.last);
}

/** @param image e.g. `docker.io/library/busybox:1.37.0`. A tag without a digit, such as `latest`, names no version. */
export function hasDigestOrExactTag(image: string): boolean {
	const [tagged = "", digest] = image.slice(image.lastIndexOf("/")).split("@");
	return digest !== undefined || /\d/.test(tagged.split(":")[1] ?? "");
}
