/** What a stack file may say under `platform`: what runs in the cluster, and the namespaces of the workloads. */
import { z } from "zod";
import { isRange } from "./addresses.ts";
import { address, chartVersion, cidr, dnsLabel, dnsName, pinnedImage, quantity, sha256, url } from "./formats.ts";
import { servingChecks } from "./serving-schema.ts";

const cpuQuantity = z.string().regex(/^[1-9]\d*m?$/, { error: "must be whole CPUs or thousandths such as 2 or 100m" });
const memoryQuantity = z
	.string()
	.regex(/^[1-9]\d*[MG]i$/, { error: "must be a whole number of Mi or Gi such as 128Mi" });

const nodePort = z.int().min(30_000).max(32_767);

const podSecurityLevel = z.enum(["restricted", "baseline", "privileged"]);

const ports = z
	.array(z.int().min(1).max(65_535))
	.min(1)
	.describe("Ports of the pods, not of a Service: policies see what a Service has been translated to.");
const protocol = z.enum(["TCP", "UDP"]).default("TCP");

const quota = z
	.strictObject({
		storageGiB: quantity("GiB that all claims together may ask for").default(500),
		persistentVolumeClaims: z.int().min(0).default(10).describe("How many claims there may be."),
		cpus: quantity("CPUs that all containers together may request").optional(),
		memoryGiB: quantity("GiB of memory that all containers together may request").optional(),
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
		.describe("Whether Traefik may reach its pods: at every port, or with `{ports: [8080]}` at these of the pods."),
	quota,
	containerDefaults,
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
	allowTo: z
		.array(z.strictObject({ cidr: cidr.describe("Network outside the cluster."), ports, protocol }))
		.default([])
		.describe("What its pods may reach outside the cluster."),
	metricsPorts: z
		.array(z.int().min(1).max(65_535))
		.default([])
		.describe(
			"Ports of its pods that `platform.scrapers` may reach, by a NodePort with `externalTrafficPolicy: Local`: any other hides who asks.",
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
		"Runs a program on every card before `up` ends, and again when the operator, the driver's origin, RKE2 or the card changes. A failure names the node; `kubectl events -n gpu-smoke-test` says why. Without the key nothing is run.",
	);

/** A chart at one version. */
const chart = {
	version: chartVersion,
	sha256: sha256
		.optional()
		.describe(
			"Digest of the chart's package, as its publisher vouches for it. `npm run charts:check` prints what the repository gives out; it and `npm run policy:charts` refuse any other.",
		),
};

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
			.array(cidr)
			.default([])
			.describe("Networks of reverse proxies in front, whose PROXY protocol header is believed to name the client."),
	}),
	certManager: z.strictObject({
		...chart,
		acmeServer: url
			.default("https://acme-v02.api.letsencrypt.org/directory")
			.describe("ACME directory of the production issuer."),
		stagingAcmeServer: url
			.default("https://acme-staging-v02.api.letsencrypt.org/directory")
			.describe(
				"ACME directory of the staging issuer: nobody trusts its certificates, and it limits no one's attempts.",
			),
		issuer: z
			.enum(["production", "staging"])
			.default("production")
			.describe("Which of the two issuers signs the wildcard certificate; both are there for other certificates."),
		recursiveNameservers: z
			.array(address)
			.min(1)
			.default(["1.1.1.1", "8.8.8.8"])
			.describe(
				"Resolvers that decide whether a DNS01 challenge is visible. Public ones: the lab's own answer for the zone as well and do not know the challenge.",
			),
		email: z.email({ error: "must be an e-mail address" }).describe("Contact of the ACME account."),
		domain: dnsName.describe("Zone at Cloudflare; the wildcard certificate covers it and `*.` of it."),
	}),
	metallb: z.strictObject({
		...chart,
		announce: z
			.boolean()
			.default(false)
			.describe("Whether the pool is announced. Off, MetalLB is deployed and configured but hands out nothing."),
		pool: z
			.array(z.string().refine(isRange, { error: "must be a range such as 10.25.20.30-10.25.20.35 or a CIDR" }))
			.min(1)
			.describe("Addresses for Services of type LoadBalancer."),
	}),
	gpuOperator: z.strictObject({
		...chart,
		driver: z
			.enum(["operator", "host"])
			.default("operator")
			.describe(
				"Who brings the NVIDIA driver: a container of the operator, which builds it on each node, or the image of the GPU workers.",
			),
		smokeTest,
	}),
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
