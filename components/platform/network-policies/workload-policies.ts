/** Network policies of the workloads' namespaces, at both ends of every connection that the stack file allows. */

import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { platformNamespaces } from "../../../src/facts/add-ons.ts";
import { speakerMetricsPort } from "../metallb/network-policies.ts";
import { backendPorts, traefikPods } from "../traefik/network-policies.ts";
import { containerPorts } from "../traefik/values.ts";
import type { Networks } from "./destinations.ts";
import { addOnMetrics, allowMetrics, dnsMetricsPort, scrapingNamespaces } from "./metrics.ts";
import type { NamedPolicy, NetworkPolicySpec } from "./network-policy.ts";
import {
	allowDns,
	allowEgress,
	allowIngress,
	apiServer,
	controlPlanes,
	declaredDestinations,
	defaultDeny,
	dnsPods,
	everyNode,
	everyPod,
	namespaceNamed,
	openPorts,
	tcp,
} from "./rules.ts";

type Namespaces = StackConfig["platform"]["namespaces"];
type Destinations = NonNullable<NetworkPolicySpec["egress"]>;

/**
 * The owner of a workload adds further policies in the namespace: policies only add to each other.
 *
 * @param name a key of `platform.namespaces`
 */
export function workloadPolicies(stack: Networks & Pick<StackConfig, "platform">, name: string): NamedPolicy[] {
	const { namespaces } = stack.platform;
	const workload = namespaces[name]!;
	const { ingress, allowFrom, allowTo, metricsPorts } = workload;
	const callers = allowFrom.map((rule) => ({ from: [inNamespace(rule.namespace)], ports: openPorts(rule) }));
	const traefik = [{ ...inNamespace(platformNamespaces.traefik), podSelector: traefikPods }];
	return [
		defaultDeny(),
		allowDns(),
		...(ingress ? [allowIngress("allow-ingress", everyPod, { from: traefik, ports: backendPorts(ingress) })] : []),
		...allowMetrics(stack, everyPod, metricsPorts, "allow-metrics"),
		...(callers.length > 0 ? [allowIngress("allow-from-namespaces", everyPod, ...callers)] : []),
		...egress("allow-to-namespaces", callees(namespaces, name)),
		...egress("allow-to-outside", declaredDestinations(stack, allowTo)),
		...egress("allow-api-server", workload.apiServer || workload.scrapes ? [apiServer(stack)] : []),
		...egress("allow-scraping", workload.scrapes ? scraped(stack) : []),
	];
}

function egress(name: string, destinations: Destinations): NamedPolicy[] {
	return destinations.length > 0 ? [allowEgress(name, everyPod, ...destinations)] : [];
}

/** The egress end of every `allowFrom` that names this namespace. */
function callees(namespaces: Namespaces, caller: string): Destinations {
	return Object.entries(namespaces).flatMap(([name, { allowFrom }]) =>
		allowFrom
			.filter(({ namespace }) => namespace === caller)
			.map((rule) => ({ to: [inNamespace(name)], ports: openPorts(rule) })),
	);
}

/** All pods with metrics, as `platform.scrapers` reach them from outside. */
function scraped(stack: Pick<StackConfig, "cluster" | "nodes" | "platform">): Destinations {
	const { cluster, platform } = stack;
	const workloads = Object.entries(platform.namespaces).filter(([, { metricsPorts }]) => metricsPorts.length > 0);
	return [
		// Kubelets, and MetalLB's speakers.
		{ to: everyNode(stack), ports: tcp(10250, speakerMetricsPort) },
		...(cluster.etcdMetrics ? [{ to: controlPlanes(stack), ports: tcp(2381) }] : []),
		{ to: [{ ...inNamespace("kube-system"), podSelector: dnsPods }], ports: tcp(dnsMetricsPort) },
		{
			to: [{ ...inNamespace(platformNamespaces.traefik), podSelector: traefikPods }],
			ports: tcp(containerPorts.metrics),
		},
		...addOnMetrics(),
		...workloads.map(([name, { metricsPorts }]) => ({ to: [inNamespace(name)], ports: tcp(...metricsPorts) })),
	];
}

/** Lets namespaces that scrape reach CoreDNS; {@link workloadPolicies} has the other end. */
export function allowDnsMetrics({ platform }: Pick<StackConfig, "platform">): NamedPolicy[] {
	const from = scrapingNamespaces(platform).map(inNamespace);
	return from.length > 0 ? [allowIngress("allow-dns-metrics", dnsPods, { from, ports: tcp(dnsMetricsPort) })] : [];
}

function inNamespace(name: string) {
	return { namespaceSelector: namespaceNamed(name) };
}
