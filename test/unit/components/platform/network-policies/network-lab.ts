/** Who is who in the lab's cluster, and the policies of every namespace there, RKE2's own among them. */
import { platformCharts } from "../../../../../components/platform/add-ons.ts";
import type { NamedPolicy } from "../../../../../components/platform/network-policies/network-policy.ts";
import {
	kubeSystemPolicies,
	narrowedPolicies,
	unusedNamespacePolicy,
	unusedNamespaces,
} from "../../../../../components/platform/network-policies/system-policies.ts";
import { workloadPolicies } from "../../../../../components/platform/network-policies/workload-policies.ts";
import * as rke2 from "../../../../../rehearsal/doubles/rke2/program/addons/cis-policies.ts";
import type { Endpoint } from "../../../../../review/compare/connections.ts";
import type { LabStack } from "../../../../fixtures/lab.ts";

export function policiesOf(config: LabStack): Record<string, NamedPolicy[]> {
	return {
		...Object.fromEntries(
			Object.values(platformCharts(config)).map(({ namespace, policies }) => [namespace, policies]),
		),
		...Object.fromEntries(
			Object.keys(config.platform.namespaces).map((name) => [name, workloadPolicies(config, name)]),
		),
		"kube-system": kubeSystem(config),
		...Object.fromEntries(
			unusedNamespaces.map((name) => [name, [...rke2.everyNamespacePolicies, unusedNamespacePolicy]]),
		),
	};
}

function kubeSystem(config: LabStack): NamedPolicy[] {
	const { allowed, denied } = kubeSystemPolicies(config);
	const narrowed = new Map(narrowedPolicies(config).map(({ name, ingress }) => [name, { ingress }]));
	const own = [...rke2.everyNamespacePolicies, ...rke2.kubeSystemPolicies];
	return [...own.map(({ name, spec }) => ({ name, spec: { ...spec, ...narrowed.get(name) } })), ...allowed, denied];
}

/** Labels are those of the charts' pods, without the ones that carry a version. */
export const endpoints = {
	traefik: {
		address: "10.42.3.7",
		namespace: "traefik",
		labels: { "app.kubernetes.io/name": "traefik", "app.kubernetes.io/instance": "traefik-traefik" },
	},
	intruder: { address: "10.42.3.8", namespace: "traefik", labels: {} },
	certManager: {
		address: "10.42.3.9",
		namespace: "cert-manager",
		labels: certManagerLabels("cert-manager", "controller"),
	},
	certManagerCheck: {
		address: "10.42.3.10",
		namespace: "cert-manager",
		labels: certManagerLabels("startupapicheck"),
	},
	certManagerWebhook: { address: "10.42.3.11", namespace: "cert-manager", labels: certManagerLabels("webhook") },
	certManagerInjector: { address: "10.42.3.12", namespace: "cert-manager", labels: certManagerLabels("cainjector") },
	metallb: {
		address: "10.42.4.2",
		namespace: "metallb-system",
		labels: {
			"app.kubernetes.io/name": "metallb",
			"app.kubernetes.io/instance": "metallb",
			"app.kubernetes.io/component": "controller",
		},
	},
	gpuOperator: {
		address: "10.42.4.3",
		namespace: "gpu-operator",
		labels: { app: "gpu-operator", "app.kubernetes.io/component": "gpu-operator" },
	},
	// The hooks before an upgrade and before a removal.
	gpuOperatorHook: {
		address: "10.42.4.5",
		namespace: "gpu-operator",
		labels: { "app.kubernetes.io/name": "gpu-operator", "app.kubernetes.io/component": "gpu-operator" },
	},
	nodeFeatures: {
		address: "10.42.4.6",
		namespace: "gpu-operator",
		labels: { "app.kubernetes.io/name": "node-feature-discovery", role: "worker" },
	},
	// The operator creates this pod and the other GPU pods below.
	gpuDriver: {
		address: "10.42.6.2",
		namespace: "gpu-operator",
		labels: { app: "nvidia-driver-daemonset", "app.kubernetes.io/component": "nvidia-driver" },
	},
	gpuValidator: {
		address: "10.42.6.3",
		namespace: "gpu-operator",
		labels: { app: "nvidia-operator-validator", "app.kubernetes.io/part-of": "gpu-operator" },
	},
	gpuExporter: { address: "10.42.6.4", namespace: "gpu-operator", labels: { app: "nvidia-dcgm-exporter" } },
	openwebui: { address: "10.42.5.2", namespace: "openwebui", labels: { app: "openwebui" } },
	ollama: { address: "10.42.5.3", namespace: "ollama", labels: { app: "ollama" } },
	observatory: { address: "10.42.5.4", namespace: "observatory-core", labels: { app: "observatory" } },
	otherObservatory: { address: "10.42.4.4", namespace: "observatory-core", labels: { app: "archive" } },
	pipeline: { address: "10.42.5.5", namespace: "data-pipeline", labels: { app: "airflow" } },
	database: { address: "10.25.20.14" },
	// Nodes' segment, without being one of them.
	neighbour: { address: "10.25.20.77" },
	office: { address: "192.168.7.7" },
	proxmox: { address: "10.16.207.61" },
	metadata: { address: "169.254.169.254" },
	nameserver: { address: "10.25.20.3" },
	proxy: { address: "10.25.10.9" },
	monitoring: { address: "10.42.5.6", namespace: "monitoring", labels: { app: "prometheus" } },
	// Labels of RKE2's charts; a job that installs one has none that a policy knows.
	dns: { address: "10.42.0.5", namespace: "kube-system", labels: { "k8s-app": "kube-dns" } },
	dnsAutoscaler: { address: "10.42.0.7", namespace: "kube-system", labels: { "k8s-app": "kube-dns-autoscaler" } },
	metricsServer: {
		address: "10.42.0.6",
		namespace: "kube-system",
		labels: { app: "rke2-metrics-server", "app.kubernetes.io/name": "rke2-metrics-server" },
		ports: { https: 10250 },
	},
	snapshotController: {
		address: "10.42.0.8",
		namespace: "kube-system",
		labels: { "app.kubernetes.io/name": "rke2-snapshot-controller" },
	},
	helmInstall: { address: "10.42.0.9", namespace: "kube-system", labels: { "batch.kubernetes.io/job-name": "helm" } },
	// In a namespace without policies: its own end refuses nothing.
	podByHand: { address: "10.42.5.9", namespace: "by-hand", labels: {} },
	podInDefault: { address: "10.42.5.8", namespace: "default", labels: {} },
	controlPlane: { address: "10.25.20.5" },
	worker: { address: "10.25.20.8" },
	// The API server's traffic to a pod on another node: wherever its own node's network begins.
	overlay: { address: "10.42.1.0" },
	lastOverlay: { address: "10.42.255.0" },
	visitor: { address: "203.0.113.9" },
	prometheus: { address: "10.25.10.13" },
	resolver: { address: "1.1.1.1" },
	otherResolver: { address: "9.9.9.9" },
	internet: { address: "104.16.132.229" },
} satisfies Record<string, Endpoint>;

function certManagerLabels(name: string, component = name): Record<string, string> {
	return {
		app: name,
		"app.kubernetes.io/name": name,
		"app.kubernetes.io/instance": "cert-manager",
		"app.kubernetes.io/component": component,
	};
}
