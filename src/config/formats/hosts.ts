/** Hosts and ports in the texts of a stack file: `10.25.10.53:5353`, `s3.internal:9000`, `docker.io/library/busybox`. */
import { isAddress } from "./addresses.ts";

/** @param text a host with an optional port, and perhaps a path after it */
export function hostOf(text: string): string {
	return text.split(/[:/]/, 1)[0]!;
}

/** @returns the text after the colon, nothing where there is no colon */
function portText(text: string): string | undefined {
	return text.split("/", 1)[0]!.split(":")[1];
}

/** Whether the port of a host is one, where it has a port. */
export function hasValidPort(text: string): boolean {
	const port = portText(text);
	return port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
}

/** @param fallback the port of a text without one */
export function portOf(text: string, fallback: number): number {
	return Number(portText(text) ?? fallback);
}

export function isAddressWithPort(text: string): boolean {
	return /^[^:/]+(:[1-9]\d*)?$/.test(text) && isAddress(hostOf(text)) && hasValidPort(text);
}

/** @param url with http or https */
export function portOfUrl(url: string): number {
	const { protocol, port } = new URL(url);
	return port ? Number(port) : protocol === "http:" ? 80 : 443;
}

/** RFC 1035, section 2.3.4: the length of a name and of its labels. A name of the stack file has no dot at its end. */
export function fitsInDns(host: string): boolean {
	return host.length <= 253 && host.split(".").every((label) => label.length >= 1 && label.length <= 63);
}

/** Whether the last label is a number, as in an address: it is none in a name (RFC 1123, section 2.1). */
export function endsInNumber(host: string): boolean {
	return /(?:^|\.)\d+$/.test(host);
}

/** Whether a host is the machine itself, by RFC 6761 or by its address. */
export function isLoopback(host: string): boolean {
	return host === "localhost" || host.endsWith(".localhost") || (isAddress(host) && host.startsWith("127."));
}
