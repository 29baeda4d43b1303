/** Rules for servers of cert-manager: its network policy opens the internet, and no private network. */
import { acmeOf } from "../derived/issuing.ts";
import { isAddress } from "../formats/addresses.ts";
import type { Problem } from "../read/problems.ts";
import type { StackConfig } from "../schema/stack.ts";

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

/**
 * A network policy has addresses and no names. A name that only the lab's DNS resolves leads into a private network, which
 * the policy denies, so that cert-manager could not renew certificates.
 */
export function checkPrivateServers(stack: StackConfig): Problem[] {
	const acme = acmeOf(stack);
	if (!acme || stack.cluster.proxy || acme.allowTo.length > 0) {
		return [];
	}
	const { acmeServer, stagingAcmeServer, dns01 } = acme;
	const urls = { acmeServer, stagingAcmeServer, ...(dns01.acmeDNS && { "dns01.acmeDNS.host": dns01.acmeDNS.host }) };
	return Object.entries(urls)
		.map(([key, url]) => ({ key, host: new URL(url).hostname }))
		.filter(({ host }) => !isAddress(host) && isPrivate(host, stack.network.searchDomain))
		.map(({ key, host }) => ({
			key: `platform.certManager.${key}`,
			message: `${host} is a name in a private network, which cert-manager cannot reach; add its address to platform.certManager.allowTo, such as {cidr: 10.25.20.30, ports: [443]}.`,
		}));
}

function isPrivate(host: string, searchDomain: string | undefined): boolean {
	const domains = searchDomain ? [...privateDomains, searchDomain] : privateDomains;
	return !host.includes(".") || domains.some((domain) => host.endsWith(`.${domain}`));
}
