/** Pods of the platform that answer in Prometheus' format, and who asks them. */

import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { metricsNodePorts } from "../../../src/facts/network.ts";
import { platformNamespaces } from "../../../src/facts/platform-namespaces.ts";
import { single } from "./destinations.ts";
import type { LabelSelector, NamedPolicy, NetworkPeer } from "./network-policy.ts";
import { allowIngress, namespaceNamed, tcp } from "./rules.ts";

export interface MetricsEndpoint {
	/** Name of the Service that leads scrapers outside the cluster there. */
	service: string;
	/** Name of the policy that lets them in. */
	policy: string;
	pods: LabelSelector;
	/** Port that the chart, or the operator, gives them for it. */
	port: number;
	/** Port of the nodes that run them. */
	nodePort: number;
}

const component = (name: string): LabelSelector => ({ matchLabels: { "app.kubernetes.io/component": name } });

export const metricsEndpoints = {
	certManager: [
		{
			service: "metrics",
			policy: "allow-metrics",
			pods: component("controller"),
			port: 9402,
			nodePort: metricsNodePorts.certManager,
		},
		{
			service: "metrics-cainjector",
			policy: "allow-cainjector-metrics",
			pods: component("cainjector"),
			port: 9402,
			nodePort: metricsNodePorts.certManagerInjector,
		},
		{
			service: "metrics-webhook",
			policy: "allow-webhook-metrics",
			pods: component("webhook"),
			port: 9402,
			nodePort: metricsNodePorts.certManagerWebhook,
		},
	],
	metallb: [
		{
			service: "metrics",
			policy: "allow-metrics",
			// By TLS, and with a token only. The speakers answer on the same port of their nodes.
			pods: component("controller"),
			port: 9120,
			nodePort: metricsNodePorts.metallb,
		},
	],
	gpuOperator: [
		{
			service: "metrics",
			policy: "allow-gpu-metrics",
			// Made by the operator, not by the chart.
			pods: { matchLabels: { app: "nvidia-dcgm-exporter" } },
			port: 9400,
			nodePort: metricsNodePorts.gpuOperator,
		},
		{
			service: "metrics-operator",
			policy: "allow-operator-metrics",
			pods: { matchLabels: { app: "gpu-operator" } },
			port: 8080,
			nodePort: metricsNodePorts.gpuOperatorItself,
		},
		{
			service: "metrics-node-features",
			policy: "allow-node-feature-metrics",
			pods: { matchLabels: { "app.kubernetes.io/name": "node-feature-discovery" } },
			port: 8080,
			nodePort: metricsNodePorts.nodeFeatures,
		},
	],
} as const satisfies Record<string, readonly MetricsEndpoint[]>;

/** Port of CoreDNS for metrics, in RKE2's chart. */
export const dnsMetricsPort = 9153;

/** Port of MetalLB's speakers for metrics; they are in the network of their hosts. */
export const speakerMetricsPort = metricsEndpoints.metallb[0].port;

/** Everybody who may ask for metrics: the scrapers outside the cluster and the namespaces that scrape. */
export function scrapers({ platform }: StackConfig): NetworkPeer[] {
	return [...platform.scrapers.map(single), ...scrapingNamespaces(platform).map(peerOf)];
}

export function scrapingNamespaces({ namespaces }: Pick<StackConfig["platform"], "namespaces">): string[] {
	return Object.keys(namespaces).filter((name) => namespaces[name]!.scrapes);
}

/** What lets everybody who scrapes reach ports of pods; nothing where nobody does. */
export function allowMetrics(stack: StackConfig, pods: LabelSelector, ports: number[], name: string): NamedPolicy[] {
	const from = scrapers(stack);
	return from.length === 0 || ports.length === 0 ? [] : [allowIngress(name, pods, { from, ports: tcp(...ports) })];
}

export function allowMetricsOf(of: keyof typeof metricsEndpoints, stack: StackConfig): NamedPolicy[] {
	return metricsEndpoints[of].flatMap(({ pods, port, policy }) => allowMetrics(stack, pods, [port], policy));
}

/** The platform's pods with metrics, as destinations of a namespace that scrapes. */
export function platformMetrics() {
	return Object.entries(metricsEndpoints).flatMap(([of, endpoints]) =>
		endpoints.map(({ pods, port }) => ({
			to: [{ ...peerOf(platformNamespaces[of as keyof typeof metricsEndpoints]), podSelector: pods }],
			ports: tcp(port),
		})),
	);
}

function peerOf(namespace: string): NetworkPeer {
	return { namespaceSelector: namespaceNamed(namespace) };
}
