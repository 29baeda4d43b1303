/**
 * Who may talk to whom, namespace by namespace: default deny in both directions and what each needs beyond it.
 *
 * Pods in the host's network (MetalLB's speakers) are subject to no policy, and probes from the kubelet of a pod's own
 * node are always let through. https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
import { acmeOf } from "../../src/config/issuing.ts";
import { platformNamespaces } from "../../src/config/platform-namespaces.ts";
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
	portOf,
	single,
	tcp,
	throughProxy,
} from "./network-rules.ts";
import { containerPorts } from "./values/traefik.ts";

type WorkloadNamespace = StackConfig["platform"]["namespaces"][string];

const traefikPods: LabelSelector = { matchLabels: { "app.kubernetes.io/name": "traefik" } };
const certManagerController: LabelSelector = { matchLabels: { "app.kubernetes.io/component": "controller" } };
const certManagerWebhook: LabelSelector = { matchLabels: { "app.kubernetes.io/component": "webhook" } };
const metallbController: LabelSelector = { matchLabels: { "app.kubernetes.io/component": "controller" } };
/** Made by the operator, not by the chart, as the exporter is. */
const gpuDriver: LabelSelector = { matchLabels: { app: "nvidia-driver-daemonset" } };
const gpuExporter: LabelSelector = { matchLabels: { app: "nvidia-dcgm-exporter" } };

/** Pods of the platform that answer in Prometheus' format, and the port that their charts give them for it. */
export const metricsEndpoints = {
	certManager: { pods: certManagerController, port: 9402 },
	// By TLS, and with a token only.
	metallb: { pods: metallbController, port: 9120 },
	gpuOperator: { pods: gpuExporter, port: 9400 },
} as const;

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

function backends({ platform }: StackConfig): NamedPolicy[] {
	const rules = Object.entries(platform.namespaces).flatMap(([name, { ingress }]) =>
		ingress ? [{ to: [{ namespaceSelector: namespaceNamed(name) }], ...backendPorts(ingress) }] : [],
	);
	return rules.length === 0 ? [] : [allowEgress("allow-backends", traefikPods, ...rules)];
}

/** Any port where the namespace names none: which one a backend listens on is then its Service's business. */
function backendPorts(ingress: Exclude<WorkloadNamespace["ingress"], false>): { ports?: NetworkPort[] } {
	return ingress === true ? {} : { ports: tcp(...ingress.ports) };
}

export function certManagerPolicies(stack: StackConfig): NamedPolicy[] {
	return [
		defaultDeny(),
		allowDns(),
		allowApiServer(stack),
		allowWebhook(stack, certManagerWebhook, 10250),
		...askAnAuthority(stack),
		...metrics(stack, certManagerController, [metricsEndpoints.certManager.port]),
	];
}

/** An authority of one's own is in the cluster, and asks nobody. */
function askAnAuthority(stack: StackConfig): NamedPolicy[] {
	const acme = acmeOf(stack);
	if (!acme) {
		return [];
	}
	const { acmeServer, stagingAcmeServer, dns01, recursiveNameservers } = acme;
	// The APIs of providers are on 443; the certificate authorities, and an acme-dns, are where the stack file says.
	const urls = [acmeServer, stagingAcmeServer, ...(dns01.acmeDNS ? [dns01.acmeDNS.host] : [])];
	return [
		// Neither the certificate authority nor a provider publishes a fixed set of addresses.
		allowEgress(
			"allow-acme",
			certManagerController,
			{ to: [outsideThePods(stack)], ports: tcp(...new Set([443, ...urls.map(portOf)])) },
			...throughProxy(stack),
		),
		// Whether a challenge has arrived is asked of public resolvers, past the lab's own view of the zone.
		allowEgress("allow-recursive-dns", certManagerController, {
			to: recursiveNameservers.map(single),
			ports: [{ protocol: "UDP", port: 53 }, ...tcp(53)],
		}),
		...(dns01.rfc2136 ? [updateRecords(dns01.rfc2136.nameserver)] : []),
	];
}

/** @param nameserver address, with a port where it is not 53 */
function updateRecords(nameserver: string): NamedPolicy {
	const [address, port = "53"] = nameserver.split(":");
	return allowEgress("allow-dns-updates", certManagerController, {
		to: [single(address!)],
		ports: [{ protocol: "UDP", port: Number(port) }, ...tcp(Number(port))],
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
		...metrics(stack, metallbController, [metricsEndpoints.metallb.port]),
	];
}

export function gpuOperatorPolicies(
	stack: StackConfig,
	{ driver }: Pick<NonNullable<StackConfig["platform"]["gpuOperator"]>, "driver">,
): NamedPolicy[] {
	return [
		defaultDeny(),
		allowDns(),
		allowApiServer(stack),
		...(driver === "operator" ? [driverPackages(stack)] : []),
		...metrics(stack, gpuExporter, [metricsEndpoints.gpuOperator.port], "allow-gpu-metrics"),
	];
}

/** The driver container builds the kernel modules against headers that it fetches from the distribution's archive. */
function driverPackages(stack: StackConfig): NamedPolicy {
	const archive = { to: [outsideThePods(stack)], ports: tcp(80, 443) };
	return allowEgress("allow-driver-packages", gpuDriver, archive, ...throughProxy(stack));
}

/** The lab's Prometheus runs outside the cluster and asks the nodes' addresses. */
function metrics(
	{ platform: { scrapers } }: StackConfig,
	pods: LabelSelector,
	ports: number[],
	name = "allow-metrics",
): NamedPolicy[] {
	return scrapers.length === 0 || ports.length === 0
		? []
		: [allowIngress(name, pods, { from: scrapers.map(single), ports: tcp(...ports) })];
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
						from: [{ namespaceSelector: namespaceNamed(platformNamespaces.traefik), podSelector: traefikPods }],
						...backendPorts(ingress),
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
