/** Hosts that only a private network has. */
import { contains, isAddress } from "./addresses.ts";
import { isLoopback } from "./hosts.ts";

/**
 * Domains that no public DNS serves: RFC 6762 (local), RFC 8375 (home.arpa), RFC 2606 (test), ICANN's internal, and those
 * that ICANN's resolution 2018.02.04.12 withholds.
 */
const privateDomains = [
	"internal",
	"local",
	"home.arpa",
	"test",
	"corp",
	"home",
	"mail",
	"lan",
	"localdomain",
	"intranet",
];

/** RFC 1918. */
const privateNetworks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** @param searchDomain of the nodes: names in it are the lab's own */
export function isPrivateName(host: string, searchDomain?: string): boolean {
	const domains = searchDomain ? [...privateDomains, searchDomain] : privateDomains;
	return !host.includes(".") || domains.some((domain) => host.endsWith(`.${domain}`));
}

/** Whether an address or a name leads to no machine outside private networks. */
export function isPrivateHost(host: string): boolean {
	return isAddress(host)
		? isLoopback(host) || privateNetworks.some((network) => contains(network, host))
		: isPrivateName(host);
}

/** Whether a URL has TLS, or a host that only a private network has. */
export function hasTlsOrPrivateHost(text: string): boolean {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	return url !== undefined && (url.protocol === "https:" || isPrivateHost(url.hostname));
}
