/**
 * The add-ons of the platform: one entry for each, under the same key as in `platform` of the stack file. Lists of charts,
 * namespaces, images and metrics derive from this table. components/platform has a folder for each add-on.
 */

/** Images from one registry, and how often one installation pulls them: once for each image on each node that runs it. */
export interface Images {
	/** For people. */
	what: string;
	/** Host, as images and `cluster.registries.mirrors` name it. */
	registry: string;
	perServer?: number;
	perWorker?: number;
	perGpu?: number;
	once?: number;
}

/** Pods that answer in Prometheus' format. */
export interface MetricsEndpoint {
	/** Name of the Service by which scrapers outside the cluster reach the pods. */
	service: string;
	/** Name of the network policy that admits scrapers. */
	policy: string;
	/** Labels of the pods. */
	pods: Readonly<Record<string, string>>;
	/** Port of the pods, which the chart or the operator sets. */
	port: number;
	/**
	 * Port of the nodes that run the pods. Kubernetes assigns no port below 30086 by itself.
	 * https://kubernetes.io/docs/concepts/services-networking/service/#avoid-nodeport-collisions
	 */
	nodePort: number;
}

export interface AddOn {
	/** Name of the chart and of its Helm release. */
	chart: string;
	/** The publisher's chart repository. */
	repository: string;
	namespace: string;
	/** As the published chart names them. */
	images: readonly Images[];
	metrics: readonly MetricsEndpoint[];
}

const component = (name: string) => ({ "app.kubernetes.io/component": name });

export const addOns = {
	traefik: {
		chart: "traefik",
		repository: "https://traefik.github.io/charts",
		namespace: "traefik",
		images: [{ what: "Traefik", registry: "docker.io", perWorker: 1 }],
		// Its pods take a port of their nodes for metrics themselves.
		metrics: [],
	},
	certManager: {
		chart: "cert-manager",
		repository: "https://charts.jetstack.io",
		namespace: "cert-manager",
		images: [{ what: "cert-manager", registry: "quay.io", once: 4 }],
		metrics: [
			{
				service: "metrics",
				policy: "allow-metrics",
				pods: component("controller"),
				port: 9402,
				nodePort: 30_042,
			},
			{
				service: "metrics-cainjector",
				policy: "allow-cainjector-metrics",
				pods: component("cainjector"),
				port: 9402,
				nodePort: 30_043,
			},
			{
				service: "metrics-webhook",
				policy: "allow-webhook-metrics",
				pods: component("webhook"),
				port: 9402,
				nodePort: 30_044,
			},
		],
	},
	metallb: {
		chart: "metallb",
		repository: "https://metallb.github.io/metallb",
		namespace: "metallb-system",
		images: [{ what: "MetalLB and FRR", registry: "quay.io", perWorker: 2, once: 1 }],
		metrics: [
			{
				service: "metrics",
				policy: "allow-metrics",
				// Over TLS, and with a token only. The speakers answer at the same port of their nodes.
				pods: component("controller"),
				port: 9120,
				nodePort: 30_020,
			},
		],
	},
	gpuOperator: {
		chart: "gpu-operator",
		repository: "https://helm.ngc.nvidia.com/nvidia",
		namespace: "gpu-operator",
		images: [
			{ what: "the GPU Operator and the driver", registry: "nvcr.io", perGpu: 6, once: 1 },
			{ what: "node feature discovery", registry: "registry.k8s.io", perWorker: 1, once: 2 },
		],
		metrics: [
			{
				service: "metrics",
				policy: "allow-gpu-metrics",
				// The operator creates these pods, not the chart.
				pods: { app: "nvidia-dcgm-exporter" },
				port: 9400,
				nodePort: 30_040,
			},
			{
				service: "metrics-operator",
				policy: "allow-operator-metrics",
				pods: { app: "gpu-operator" },
				port: 8080,
				nodePort: 30_045,
			},
			{
				service: "metrics-node-features",
				policy: "allow-node-feature-metrics",
				pods: { "app.kubernetes.io/name": "node-feature-discovery" },
				port: 8080,
				nodePort: 30_046,
			},
		],
	},
} as const satisfies Readonly<Record<string, AddOn>>;

export type AddOnKey = keyof typeof addOns;
export type ChartName = (typeof addOns)[AddOnKey]["chart"];

/** The table as a list. */
export const addOnEntries = Object.entries(addOns) as [AddOnKey, AddOn & { chart: ChartName }][];

/** The publishers' repositories by the names of the charts. */
export const chartRepositories = Object.fromEntries(
	addOnEntries.map(([, { chart, repository }]) => [chart, repository]),
) as Readonly<Record<ChartName, string>>;

/** The namespaces of the platform. No workload may have one of these names. */
export const platformNamespaces = {
	...(Object.fromEntries(addOnEntries.map(([key, { namespace }]) => [key, namespace])) as Record<AddOnKey, string>),
	gpuSmokeTest: "gpu-smoke-test",
	networkCheck: "network-check",
} as const;

/** Ports of the nodes at which `platform.scrapers` collect the metrics of the platform's pods. */
export const metricsNodePorts: readonly number[] = addOnEntries
	.flatMap(([, { metrics }]) => metrics.map(({ nodePort }) => nodePort))
	.sort();
