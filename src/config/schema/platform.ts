/** The section `platform` of a stack file: the add-ons, and the namespaces of the workloads. */
import { z } from "zod";
import { isRange } from "../formats/addresses.ts";
import { certManager } from "./cert-manager.ts";
import { chart } from "./chart.ts";
import { destinations, ports, protocol } from "./destinations.ts";
import { address, dnsLabel, peer, pinnedImage, quantity, url } from "./formats.ts";
import { servingChecks } from "./serving-checks.ts";

const cpuQuantity = z.string().regex(/^[1-9]\d*m?$/, { error: "must be whole CPUs or thousandths such as 2 or 100m" });
const memoryQuantity = z
	.string()
	.regex(/^[1-9]\d*[MG]i$/, { error: "must be a whole number of Mi or Gi such as 128Mi" });

const nodePort = z.int().min(30_000).max(32_767);

const podSecurityLevel = z.enum(["restricted", "baseline", "privileged"]);

const quota = z
	.strictObject({
		storageGiB: quantity("GiB of storage that all claims together may request").default(500),
		persistentVolumeClaims: z.int().min(0).default(10).describe("Largest number of claims."),
		pods: z
			.int()
			.min(0)
			.optional()
			.describe("Largest number of pods. Default: 110 for each worker, the limit of the kubelet."),
		cpus: quantity("CPUs that all containers together may request; the default is the CPUs of all workers").optional(),
		memoryGiB: quantity(
			"GiB of memory that all containers together may request; the default is the memory of all workers",
		).optional(),
	})
	.prefault({})
	.describe("Limits of the namespace as a whole (ResourceQuota).");

const containerDefaults = z
	.strictObject({
		requests: z
			.strictObject({ cpu: cpuQuantity.default("100m"), memory: memoryQuantity.default("128Mi") })
			.prefault({}),
		limits: z
			.strictObject({ memory: memoryQuantity.default("1Gi") })
			.prefault({})
			.describe("There is no limit of CPU: under load the request decides about the share."),
	})
	.prefault({})
	.describe("Requests and limits of a container that has none of its own (LimitRange).");

const workloadNamespace = z.strictObject({
	podSecurity: podSecurityLevel
		.default("restricted")
		.describe(
			"Pod Security Standard that the namespace enforces. `privileged` needs an exception of the policy `kubernetes-pod-security` for `Namespace <name>`.",
		),
	ingress: z
		.union([z.boolean(), z.strictObject({ ports })], { error: "must be true, false or a map such as {ports: [8080]}" })
		.default(false)
		.describe(
			"Whether Traefik may reach its pods. `{ports: [8080]}` opens these ports of the pods; `true` opens the usual ports of web servers, 80, 443, 3000, 8000, 8080 and 8443.",
		),
	quota,
	containerDefaults,
	services: z
		.array(z.enum(["NodePort", "LoadBalancer", "ExternalName"]))
		.default([])
		.describe(
			"Types of Services that it may have beside `ClusterIP`. They bypass the ingress or lead out of the cluster, so the API server refuses every other type. `metricsPorts` together with `platform.scrapers` allow `NodePort` as well. The API server refuses `externalIPs` in every namespace.",
		),
	allowFrom: z
		.array(
			z.strictObject({
				namespace: dnsLabel.describe("Another key of `platform.namespaces`, or the namespace itself for its own pods."),
				ports,
				protocol,
			}),
		)
		.default([])
		.describe(
			"Namespaces whose pods may reach its pods. An entry opens both sides: ingress here, and egress of the other namespace.",
		),
	allowTo: destinations.describe("Destinations of its pods outside the cluster."),
	apiServer: z
		.boolean()
		.default(false)
		.describe(
			"Whether its pods may reach the Kubernetes API, as controllers must. RBAC decides what they may do there.",
		),
	scrapes: z
		.boolean()
		.default(false)
		.describe(
			"Whether a Prometheus in it collects metrics. Its pods reach the API and all metrics ports: the kubelets, CoreDNS, the platform and every `metricsPorts`.",
		),
	metricsPorts: z
		.array(z.int().min(1).max(65_535))
		.default([])
		.describe(
			"Ports of its pods that `platform.scrapers` and namespaces with `scrapes` may reach. Scrapers use a NodePort, which needs `externalTrafficPolicy: Local`: any other policy hides the address of the scraper.",
		),
});

const smokeTest = z
	.strictObject({
		image: pinnedImage.describe(
			"Program that computes on a GPU as an unprivileged user, and fails without a GPU. NVIDIA's documents use `nvcr.io/nvidia/k8s/cuda-sample:vectoradd-cuda12.5.0-ubuntu22.04`; the administrator adds its digest.",
		),
		timeoutSeconds: z
			.int()
			.min(10)
			.max(86_400)
			.default(1800)
			.describe(
				"Timeout of the computation on one GPU. It begins with the installation of the operator, which first builds the driver.",
			),
	})
	.optional()
	.describe(
		"Runs a program on every GPU before `up` ends, and again when the operator, the origin or version of the driver, RKE2 or the GPU changes. A failure names the node; `kubectl events -n gpu-smoke-test` says why. Without the key there is no smoke test.",
	);

export const platform = z.strictObject({
	chartMirror: url
		.optional()
		.describe("Chart repository that has every chart, in place of the publishers' repositories; for closed networks."),
	traefik: z.strictObject({
		...chart,
		exposure: z
			.enum(["hostPort", "nodePort", "loadBalancer"])
			.default("hostPort")
			.describe(
				"How clients reach the ingress: at ports 80 and 443 of the workers, at `nodePorts` of the workers behind a reverse proxy, or at an address that MetalLB announces.",
			),
		nodePorts: z
			.strictObject({ web: nodePort.default(30_080), websecure: nodePort.default(30_443) })
			.prefault({})
			.describe("Ports of the workers for HTTP and HTTPS when `exposure` is `nodePort`."),
		trustedProxies: z
			.array(peer)
			.default([])
			.describe(
				"Networks or addresses of reverse proxies in front. Traefik takes the address of the client from their PROXY protocol header.",
			),
	}),
	certManager,
	metallb: z
		.strictObject({
			...chart,
			announce: z
				.boolean()
				.default(false)
				.describe(
					"Whether MetalLB announces the pool. Without it MetalLB is installed and configured, but assigns no address.",
				),
			pool: z
				.array(z.string().refine(isRange, { error: "must be a range such as 10.25.20.30-10.25.20.35 or a CIDR" }))
				.min(1)
				.describe("Addresses for Services of type LoadBalancer."),
		})
		.optional()
		.describe(
			"MetalLB. Without the key it is not installed. Removing the key uninstalls it together with its addresses.",
		),
	gpuOperator: z
		.strictObject({
			...chart,
			driver: z
				.enum(["operator", "host"])
				.default("operator")
				.describe(
					"Origin of the NVIDIA driver: a container of the operator, which builds it on each node, or the image of the GPU workers (`host`).",
				),
			driverVersion: z
				.string()
				.regex(/^\d{3,4}\.\d{1,3}(\.\d{1,3})?$/, { error: "must be one driver version such as 580.95.05" })
				.optional()
				.describe(
					"Version of the operator's driver, for which NVIDIA must have an image; the default is that of the chart. A change replaces the driver node by node, and evicts the pods that use a GPU.",
				),
			holdKernel: z
				.boolean()
				.default(true)
				.describe(
					"Whether unattended-upgrades leaves the kernel of GPU nodes unchanged. The driver is built for the running kernel, and may not work with a newer one after a reboot. You can still install a kernel by hand (docs/operations/gpu-kernel.md).",
				),
			allowTo: destinations.describe(
				"Destinations of the container with the driver beside the internet: a mirror of the distribution's archive in a private network.",
			),
			smokeTest,
		})
		.optional()
		.describe("NVIDIA's GPU Operator. It is installed, and required, when a node has a GPU."),
	storage: z
		.strictObject({
			volumeGiB: quantity(
				"GiB of each local volume; a data disk (`nodes.<name>.dataDiskGiB`) holds as many as fit. It cannot change once there are volumes",
			).default(100),
		})
		.prefault({}),
	checks: servingChecks,
	scrapers: z
		.array(address)
		.default([])
		.describe("Addresses of Prometheus servers outside the cluster. No other address outside reaches a metrics port."),
	namespaces: z
		.record(dnsLabel, workloadNamespace)
		.default({})
		.describe("Workload namespaces, each with network policies that deny by default."),
});
