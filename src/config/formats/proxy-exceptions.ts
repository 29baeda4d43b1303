/**
 * Exceptions of a proxy, as Go's programs read them in `NO_PROXY`: a host or a domain, perhaps with a port, or a network
 * (https://pkg.go.dev/golang.org/x/net/http/httpproxy).
 */
import ipaddr from "ipaddr.js";
import { hasValidPort } from "./hosts.ts";

export const proxyExceptionPattern = String.raw`[A-Za-z0-9.-]+(?::\d{1,5}|/\d{1,2})?`;

/** A shorter prefix is nearly everything: the proxy would have nothing to do. */
const shortestPrefix = 8;

/** @param text of that pattern */
export function isProxyException(text: string): boolean {
	return text.includes("/")
		? ipaddr.IPv4.isValidCIDRFourPartDecimal(text) && Number(text.split("/")[1]) >= shortestPrefix
		: hasValidPort(text);
}
