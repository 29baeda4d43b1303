/** Rules for servers of cert-manager: its network policy opens the internet, and no private network. */
import { acmeOf } from "../derived/issuing.ts";
import { isAddress } from "../formats/addresses.ts";
import { isPrivateName } from "../formats/private-hosts.ts";
import type { Problem } from "../read/problems.ts";
import type { StackConfig } from "../schema/stack.ts";

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
		.filter(({ host }) => !isAddress(host) && isPrivateName(host, stack.network.searchDomain))
		.map(({ key, host }) => ({
			key: `platform.certManager.${key}`,
			message: `${host} is a name in a private network, which cert-manager cannot reach; add its address to platform.certManager.allowTo, such as {cidr: 10.25.20.30, ports: [443]}.`,
		}));
}
