/**
 * Who may talk to whom, namespace by namespace: default deny in both directions and what each needs beyond it.
 *
 * Pods in the host's network (MetalLB's speakers) are subject to no policy, and probes from the kubelet of a pod's own
 * node are always let through. https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
import type { StackConfig } from "../../src/config/schema.ts";
import {
	allowApiServer,
	allowDns,
	allowEgress,
	allowIngress,
	allowWebhook,
	defaultDeny,
	everyPod,
	type LabelSelector,
	type NamedPolicy,
	type NetworkPort,
	namespaceNamed,
	outside,
	outsideThePods,
	single,
	tcp,
} from "./network-rules.ts";
import { containerPorts, traefikNamespace } from "./values/traefik.ts";

const traefikPods: LabelSelector = { matchLabels: { "app.kubernetes.io/name": "traefik" } };
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
		...metrics(stack, traefikPods, [containerPorts.metrics]),
		...backends(stack),
	];
}

/** Any port: which one a backend listens on is its Service's business. */
function backends({ platform }: StackConfig): NamedPolicy[] {
	const open = Object.entries(platform.namespaces).filter(([, { ingress }]) => ingress);
	return open.length === 0
		? []
		: [
				allowEgress("allow-backends", traefikPods, {
					to: open.map(([name]) => ({ namespaceSelector: namespaceNamed(name) })),
				}),
			];
}

export function certManagerPolicies(stack: StackConfig): NamedPolicy[] {
	const internet = [outsideThePods(stack)];
	return [
		defaultDeny(),
		allowDns(),
		allowApiServer(stack),
		allowWebhook(stack, certManagerWebhook, 10250),
		// Neither the certificate authority nor Cloudflare publishes a fixed set of addresses.
		allowEgress("allow-acme", certManagerController, { to: internet, ports: tcp(...acmePorts(stack)) }),
		// Whether a challenge has arrived is asked of public resolvers, past the lab's own view of the zone.
		allowEgress("allow-recursive-dns", certManagerController, {
			to: stack.platform.certManager.recursiveNameservers.map(single),
			ports: [{ protocol: "UDP", port: 53 }, ...tcp(53)],
		}),
	];
}

/** Cloudflare's API is on 443; the certificate authorities are where the stack file says. */
function acmePorts({ platform: { certManager } }: StackConfig): number[] {
	const authorities = [certManager.acmeServer, certManager.stagingAcmeServer].map((server) => {
		const { protocol, port } = new URL(server);
		return port ? Number(port) : protocol === "http:" ? 80 : 443;
	});
	return [...new Set([443, ...authorities])];
}

export function metallbPolicies(stack: StackConfig): NamedPolicy[] {
	return [defaultDeny(), allowDns(), allowApiServer(stack), allowWebhook(stack, metallbController, 9443)];
}

export function gpuOperatorPolicies(stack: StackConfig): NamedPolicy[] {
	return [
		defaultDeny(),
		allowDns(),
		allowApiServer(stack),
		// The driver container builds the kernel modules against headers that it fetches from the distribution's archive.
		allowEgress("allow-driver-packages", gpuDriver, { to: [outsideThePods(stack)], ports: tcp(80, 443) }),
	];
}

/** The lab's Prometheus runs outside the cluster and asks the nodes' addresses. */
function metrics({ platform: { scrapers } }: StackConfig, pods: LabelSelector, ports: number[]): NamedPolicy[] {
	return scrapers.length === 0 || ports.length === 0
		? []
		: [allowIngress("allow-metrics", pods, { from: scrapers.map(single), ports: tcp(...ports) })];
}

/**
 * What a workload needs beyond this its owner adds in the namespace: policies only add up.
 *
 * @param name a key of `platform.namespaces`
 */
export function workloadPolicies(stack: StackConfig, name: string): NamedPolicy[] {
	const { ingress, allowFrom, allowTo, metricsPorts } = stack.platform.namespaces[name]!;
	const callees = allowedFrom(stack, name);
	return [
		defaultDeny(),
		allowDns(),
		...(ingress
			? [
					allowIngress("allow-ingress", everyPod, {
						from: [{ namespaceSelector: namespaceNamed(traefikNamespace), podSelector: traefikPods }],
					}),
				]
			: []),
		...metrics(stack, everyPod, metricsPorts),
		...(allowFrom.length > 0
			? [
					allowIngress(
						"allow-from-namespaces",
						everyPod,
						...allowFrom.map((rule) => ({
							from: [{ namespaceSelector: namespaceNamed(rule.namespace) }],
							ports: openPorts(rule),
						})),
					),
				]
			: []),
		...(callees.length > 0 ? [allowEgress("allow-to-namespaces", everyPod, ...callees)] : []),
		...(allowTo.length > 0
			? [
					allowEgress(
						"allow-to-outside",
						everyPod,
						...allowTo.map((rule) => ({ to: [outside(stack, rule.cidr)], ports: openPorts(rule) })),
					),
				]
			: []),
	];
}

/** The other end of every `allowFrom` that names this namespace. */
function allowedFrom({ platform: { namespaces } }: StackConfig, caller: string) {
	return Object.entries(namespaces).flatMap(([name, { allowFrom }]) =>
		allowFrom
			.filter(({ namespace }) => namespace === caller)
			.map((rule) => ({ to: [{ namespaceSelector: namespaceNamed(name) }], ports: openPorts(rule) })),
	);
}

function openPorts({ ports, protocol }: { ports: number[]; protocol: NetworkPort["protocol"] }): NetworkPort[] {
	return ports.map((port) => ({ protocol, port }));
}
