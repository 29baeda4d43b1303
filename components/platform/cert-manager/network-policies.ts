import { acmeOf } from "../../../src/config/derived/issuing.ts";
import { isAddress } from "../../../src/config/formats/addresses.ts";
import { hostOf, portOf, portOfUrl } from "../../../src/config/formats/hosts.ts";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { internet, type Networks, single } from "../network-policies/destinations.ts";
import { allowMetricsOf } from "../network-policies/metrics.ts";
import type { LabelSelector, NamedPolicy, NetworkPolicySpec } from "../network-policies/network-policy.ts";
import {
	allowApiServer,
	allowDns,
	allowEgress,
	allowWebhook,
	declaredDestinations,
	defaultDeny,
	dnsPorts,
	tcp,
	throughProxy,
} from "../network-policies/rules.ts";

const controller: LabelSelector = { matchLabels: { "app.kubernetes.io/component": "controller" } };
const webhook: LabelSelector = { matchLabels: { "app.kubernetes.io/component": "webhook" } };

export function certManagerPolicies(stack: Networks & Pick<StackConfig, "platform">): NamedPolicy[] {
	return [
		defaultDeny(),
		allowDns(),
		allowApiServer(stack),
		allowWebhook(stack, webhook, 10250),
		...allowAcme(stack),
		...allowMetricsOf("certManager", stack),
	];
}

/** An authority of the administrator's own is a Secret in the cluster: cert-manager calls no host for it. */
function allowAcme(stack: Networks & Pick<StackConfig, "platform">): NamedPolicy[] {
	const acme = acmeOf(stack);
	if (!acme) {
		return [];
	}
	const { dns01, recursiveNameservers } = acme;
	return [
		allowEgress("allow-acme", controller, ...acmeServers(stack, acme), ...throughProxy(stack)),
		// cert-manager looks up a challenge at public resolvers: the lab's own servers may answer for the zone differently.
		allowEgress("allow-recursive-dns", controller, { to: recursiveNameservers.map(single), ports: dnsPorts }),
		...(dns01.rfc2136 ? [allowDnsUpdates(dns01.rfc2136.nameserver)] : []),
	];
}

/**
 * Neither a public certificate authority nor a DNS provider, whose API is at port 443, publishes a fixed set of addresses. A
 * server in a private network is reached at the address in its URL, or where `allowTo` says.
 */
function acmeServers(
	stack: Networks,
	{ acmeServer, stagingAcmeServer, dns01, allowTo }: NonNullable<ReturnType<typeof acmeOf>>,
): NonNullable<NetworkPolicySpec["egress"]> {
	const urls = [acmeServer, stagingAcmeServer, ...(dns01.acmeDNS ? [dns01.acmeDNS.host] : [])];
	const servers = urls.map((url) => ({ host: new URL(url).hostname, port: portOfUrl(url) }));
	const byAddress = servers.filter(({ host }) => isAddress(host));
	const byName = servers.filter(({ host }) => !isAddress(host));
	return [
		{ to: [internet(stack)], ports: tcp(...new Set([443, ...byName.map(({ port }) => port)])) },
		...byAddress.map(({ host, port }) => ({ to: [single(host)], ports: tcp(port) })),
		...declaredDestinations(stack, allowTo),
	];
}

/** @param nameserver address, with a port where it is not 53 */
function allowDnsUpdates(nameserver: string): NamedPolicy {
	const port = portOf(nameserver, 53);
	return allowEgress("allow-dns-updates", controller, {
		to: [single(hostOf(nameserver))],
		ports: [{ protocol: "UDP", port }, ...tcp(port)],
	});
}
