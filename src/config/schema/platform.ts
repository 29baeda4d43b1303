/** What a stack file may say under `platform`: what runs in the cluster, and the namespaces of the workloads. */
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
		storageGiB: quantity("GiB that all claims together may ask for").default(500),
		persistentVolumeClaims: z.int().min(0).default(10).describe("How many claims there may be."),
		pods: z
			.int()
			.min(0)
			.optional()
			.describe("How many pods there may be; without it 110 for each worker, as many as all workers take."),
		cpus: quantity("CPUs that all containers together may request; without it as many as all workers have").optional(),
		memoryGiB: quantity(
			"GiB of memory that all containers together may request; without it as much as all workers have",
		).optional(),
	})
	.prefault({})
	.describe("What the namespace as a whole may ask for (ResourceQuota).");

const containerDefaults = z
	.strictObject({
		requests: z
			.strictObject({ cpu: cpuQuantity.default("100m"), memory: memoryQuantity.default("128Mi") })
			.prefault({}),
		limits: z
			.strictObject({ memory: memoryQuantity.default("1Gi") })
			.prefault({})
			.describe("No limit of CPU: a share under load is what the request is for."),
	})
	.prefault({})
	.describe("What a container gets that says nothing itself (LimitRange).");

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
			"Whether Traefik may reach its pods: with `{ports: [8080]}` at these ports of the pods, with `true` at those that web servers usually have, 80, 443, 3000, 8000, 8080 and 8443.",
		),
	quota,
	containerDefaults,
	services: z
		.array(z.enum(["NodePort", "LoadBalancer", "ExternalName"]))
		.default([])
		.describe(
			"Kinds of Services that it may have beside `ClusterIP`: they lead past the ingress or out of the cluster, and the API server refuses others. `metricsPorts` with `platform.scrapers` bring `NodePort` along. `externalIPs` are refused everywhere.",
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
		.describe("Who may reach its pods. Opens both ends: in here, and out of the namespace that is named."),
	allowTo: destinations.describe("What its pods may reach outside the cluster."),
	apiServer: z
		.boolean()
		.default(false)
		.describe(
			"Whether its pods may reach the Kubernetes API, as controllers have to. What they may do there RBAC says.",
		),
	scrapes: z
		.boolean()
		.default(false)
		.describe(
			"Whether a Prometheus in it collects metrics: its pods reach the API and everything that has metrics, the kubelets, CoreDNS, the platform and every `metricsPorts`.",
		),
	metricsPorts: z
		.array(z.int().min(1).max(65_535))
		.default([])
		.describe(
			"Ports of its pods that `platform.scrapers` and namespaces with `scrapes` may reach; the former by a NodePort with `externalTrafficPolicy: Local`: any other hides who asks.",
		),
});

const smokeTest = z
	.strictObject({
		image: pinnedImage.describe(
			"Program that computes on a card and fails without one, as an unprivileged user. NVIDIA's documents use `nvcr.io/nvidia/k8s/cuda-sample:vectoradd-cuda12.5.0-ubuntu22.04`; its digest is the administrator's to vouch for.",
		),
		timeoutSeconds: z
			.int()
			.min(10)
			.max(86_400)
			.default(1800)
			.describe(
				"How long a card may take to compute, from the installation of the operator: the driver is built first.",
			),
	})
	.optional()
	.describe(
		"Runs a program on every card before `up` ends, and again when the operator, the driver's origin or version, RKE2 or the card changes. A failure names the node; `kubectl events -n gpu-smoke-test` says why. Without the key nothing is run.",
	);

export const platform = z.strictObject({
	chartMirror: url
		.optional()
		.describe("One chart repository that holds every chart, instead of the publishers' own; for closed networks."),
	traefik: z.strictObject({
		...chart,
		exposure: z
			.enum(["hostPort", "nodePort", "loadBalancer"])
			.default("hostPort")
			.describe(
				"The way in: ports 80 and 443 of the workers, `nodePorts` of the workers behind a reverse proxy, or an address that MetalLB announces.",
			),
		nodePorts: z
			.strictObject({ web: nodePort.default(30_080), websecure: nodePort.default(30_443) })
			.prefault({})
			.describe("Ports of the workers for HTTP and HTTPS where `exposure` is `nodePort`."),
		trustedProxies: z
			.array(peer)
			.default([])
			.describe(
				"Networks or addresses of reverse proxies in front, whose PROXY protocol header is believed to name the client.",
			),
	}),
	certManager,
	metallb: z
		.strictObject({
			...chart,
			announce: z
				.boolean()
				.default(false)
				.describe("Whether the pool is announced. Off, MetalLB is deployed and configured but hands out nothing."),
			pool: z
				.array(z.string().refine(isRange, { error: "must be a range such as 10.25.20.30-10.25.20.35 or a CIDR" }))
				.min(1)
				.describe("Addresses for Services of type LoadBalancer."),
		})
		.optional()
		.describe(
			"MetalLB; without the key it is not installed. Taking the key away uninstalls it, and its addresses go with it.",
		),
	gpuOperator: z
		.strictObject({
			...chart,
			driver: z
				.enum(["operator", "host"])
				.default("operator")
				.describe(
					"Who brings the NVIDIA driver: a container of the operator, which builds it on each node, or the image of the GPU workers.",
				),
			driverVersion: z
				.string()
				.regex(/^\d{3,4}\.\d{1,3}(\.\d{1,3})?$/, { error: "must be one driver version such as 580.95.05" })
				.optional()
				.describe(
					"Version of the operator's driver, of those that NVIDIA has an image for; the chart's own without it. Another one replaces the driver node by node, and evicts the pods that compute.",
				),
			holdKernel: z
				.boolean()
				.default(true)
				.describe(
					"Whether unattended-upgrades leaves the kernel of nodes with a card alone: the driver is built for the kernel that runs, and a newer one may refuse it after any boot. By hand a kernel is installed as ever (docs/operations/gpu-kernel.md).",
				),
			allowTo: destinations.describe(
				"What the container with the driver may reach beside the internet: a mirror of the distribution's archive in a private network.",
			),
			smokeTest,
		})
		.optional()
		.describe("NVIDIA's GPU Operator, installed where a node has a card; needed only there."),
	storage: z
		.strictObject({
			volumeGiB: quantity(
				"GiB of each local volume; a data disk (`nodes.<name>.dataDiskGiB`) holds as many as fit. It cannot change where there are volumes",
			).default(100),
		})
		.prefault({}),
	checks: servingChecks,
	scrapers: z
		.array(address)
		.default([])
		.describe("Prometheus servers outside the cluster; nobody else outside reaches a metrics port."),
	namespaces: z
		.record(dnsLabel, workloadNamespace)
		.default({})
		.describe("Workload namespaces, each with default deny."),
});
