/**
 * Who may talk to whom in the platform's own namespaces: default deny in both directions and what each needs beyond it.
 *
 * Pods in the host's network (MetalLB's speakers) are subject to no policy, and probes from the kubelet of a pod's own
 * node are always let through. https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */

import { acmeOf } from "../../../src/config/derived/issuing.ts";
import { isAddress } from "../../../src/config/formats/addresses.ts";
import { hostOf, portOf, portOfUrl } from "../../../src/config/formats/hosts.ts";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { platformNamespaces } from "../../../src/facts/platform-namespaces.ts";
import { containerPorts } from "../traefik/values.ts";
import { internet, outside, single } from "./destinations.ts";
import { allowMetrics, allowMetricsOf } from "./metrics.ts";
import type { LabelSelector, NamedPolicy, NetworkPolicySpec } from "./network-policy.ts";
import {
	allowApiServer,
	allowDns,
	allowEgress,
	allowIngress,
	allowWebhook,
	defaultDeny,
	dnsPorts,
	namespaceNamed,
	openPorts,
	tcp,
	throughProxy,
} from "./rules.ts";
import { backendPorts, traefikPods } from "./workload-policies.ts";

type Destinations = NonNullable<NetworkPolicySpec["egress"]>;
type GpuOperatorConfig = Pick<NonNullable<StackConfig["platform"]["gpuOperator"]>, "driver" | "allowTo">;

const certManagerController: LabelSelector = { matchLabels: { "app.kubernetes.io/component": "controller" } };
const certManagerWebhook: LabelSelector = { matchLabels: { "app.kubernetes.io/component": "webhook" } };
const metallbController: LabelSelector = { matchLabels: { "app.kubernetes.io/component": "controller" } };
/** Made by the operator, not by the chart. */
const gpuDriver: LabelSelector = { matchLabels: { app: "nvidia-driver-daemonset" } };

export function traefikPolicies(stack: StackConfig): NamedPolicy[] {
	return [
		defaultDeny(),
		allowDns(),
		allowApiServer(stack),
		// The host port is translated to the container's before policies look, and the client's address is kept.
		allowIngress("allow-web", traefikPods, { ports: tcp(containerPorts.web, containerPorts.websecure) }),
		...allowMetrics(stack, traefikPods, [containerPorts.metrics], "allow-metrics"),
		...backends(stack),
	];
}

function backends({ platform }: StackConfig): NamedPolicy[] {
	const rules = Object.entries(platform.namespaces).flatMap(([name, { ingress }]) =>
		ingress ? [{ to: [{ namespaceSelector: namespaceNamed(name) }], ports: backendPorts(ingress) }] : [],
	);
	return rules.length === 0 ? [] : [allowEgress("allow-backends", traefikPods, ...rules)];
}

export function certManagerPolicies(stack: StackConfig): NamedPolicy[] {
	return [
		defaultDeny(),
		allowDns(),
		allowApiServer(stack),
		allowWebhook(stack, certManagerWebhook, 10250),
		...askAnAuthority(stack),
		...allowMetricsOf("certManager", stack),
	];
}

/** An authority of one's own is in the cluster, and asks nobody. */
function askAnAuthority(stack: StackConfig): NamedPolicy[] {
	const acme = acmeOf(stack);
	if (!acme) {
		return [];
	}
	const { dns01, recursiveNameservers } = acme;
	return [
		allowEgress("allow-acme", certManagerController, ...authorities(stack, acme), ...throughProxy(stack)),
		// Whether a challenge has arrived is asked of public resolvers, past the lab's own view of the zone.
		allowEgress("allow-recursive-dns", certManagerController, {
			to: recursiveNameservers.map(single),
			ports: dnsPorts,
		}),
		...(dns01.rfc2136 ? [updateRecords(dns01.rfc2136.nameserver)] : []),
	];
}

/**
 * Neither a public certificate authority nor a provider, whose API is on 443, publishes a fixed set of addresses. What is in
 * a private network, an authority or an acme-dns, is reached where the stack file says: in its URL, or in `allowTo`.
 */
function authorities(stack: StackConfig, acme: NonNullable<ReturnType<typeof acmeOf>>): Destinations {
	const { acmeServer, stagingAcmeServer, dns01, allowTo } = acme;
	const urls = [acmeServer, stagingAcmeServer, ...(dns01.acmeDNS ? [dns01.acmeDNS.host] : [])];
	const servers = urls.map((url) => ({ host: new URL(url).hostname, port: portOfUrl(url) }));
	const [numbers, names] = [true, false].map((byNumber) => servers.filter(({ host }) => isAddress(host) === byNumber));
	return [
		{ to: [internet(stack)], ports: tcp(...new Set([443, ...names!.map(({ port }) => port)])) },
		...numbers!.map(({ host, port }) => ({ to: [single(host)], ports: tcp(port) })),
		...destinations(stack, allowTo),
	];
}

/** @param nameserver address, with a port where it is not 53 */
function updateRecords(nameserver: string): NamedPolicy {
	const port = portOf(nameserver, 53);
	return allowEgress("allow-dns-updates", certManagerController, {
		to: [single(hostOf(nameserver))],
		ports: [{ protocol: "UDP", port }, ...tcp(port)],
	});
}

/** Where the pods of the network check answer. */
export const checkPort = 8080;

/** They look each other up, and ask each other. */
export function networkCheckPolicies(): NamedPolicy[] {
	const namespace = platformNamespaces.networkCheck;
	const pods: LabelSelector = { matchLabels: { "app.kubernetes.io/name": namespace } };
	const peers = [{ namespaceSelector: namespaceNamed(namespace), podSelector: pods }];
	const ports = tcp(checkPort);
	return [
		defaultDeny(),
		allowDns(),
		allowIngress("allow-each-other", pods, { from: peers, ports }),
		allowEgress("allow-to-each-other", pods, { to: peers, ports }),
	];
}

export function metallbPolicies(stack: StackConfig): NamedPolicy[] {
	return [
		defaultDeny(),
		allowDns(),
		allowApiServer(stack),
		allowWebhook(stack, metallbController, 9443),
		...allowMetricsOf("metallb", stack),
	];
}

export function gpuOperatorPolicies(stack: StackConfig, gpuOperator: GpuOperatorConfig): NamedPolicy[] {
	return [
		defaultDeny(),
		allowDns(),
		allowApiServer(stack),
		...(gpuOperator.driver === "operator" ? [driverPackages(stack, gpuOperator)] : []),
		...allowMetricsOf("gpuOperator", stack),
	];
}

/** The driver container builds the kernel modules against headers that it fetches from the distribution's archive. */
function driverPackages(stack: StackConfig, { allowTo }: GpuOperatorConfig): NamedPolicy {
	const archive = { to: [internet(stack)], ports: tcp(80, 443) };
	return allowEgress(
		"allow-driver-packages",
		gpuDriver,
		archive,
		...destinations(stack, allowTo),
		...throughProxy(stack),
	);
}

function destinations(stack: StackConfig, rules: GpuOperatorConfig["allowTo"]): Destinations {
	return rules.map((rule) => ({ to: [outside(stack, rule.cidr)], ports: openPorts(rule) }));
}
