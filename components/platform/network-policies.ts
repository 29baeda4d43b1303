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
	namespaceNamed,
	outsideThePods,
	single,
	tcp,
} from "./network-rules.ts";
import { recursiveNameservers } from "./values/cert-manager.ts";
import { containerPorts, traefikNamespace } from "./values/traefik.ts";

type WorkloadNamespace = StackConfig["platform"]["namespaces"][string];

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
		// The lab's Prometheus runs outside the cluster and scrapes the nodes' addresses; the firewall decides who reaches those.
		allowIngress("allow-metrics", traefikPods, { from: [outsideThePods(stack)], ports: tcp(containerPorts.metrics) }),
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
			to: recursiveNameservers.map(single),
			ports: [{ protocol: "UDP", port: 53 }, ...tcp(53)],
		}),
	];
}

/** Cloudflare's API is on 443; the certificate authority is where the stack file says. */
function acmePorts({ platform }: StackConfig): number[] {
	const { protocol, port } = new URL(platform.certManager.acmeServer);
	const acme = port ? Number(port) : protocol === "http:" ? 80 : 443;
	return [...new Set([443, acme])];
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

/** What a workload needs beyond this, even among its own pods, its owner adds in the namespace: policies only add up. */
export function workloadPolicies({ ingress }: WorkloadNamespace): NamedPolicy[] {
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
	];
}
