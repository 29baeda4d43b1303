/**
 * What a stack file may say. The types, the editor's JSON schema and docs/configuration.md derive from this one place;
 * rules that span several keys are in checks/.
 */
import { z } from "zod";
import { access } from "./access-schema.ts";
import { isRange } from "./addresses.ts";
import { cluster } from "./cluster-schema.ts";
import {
	address,
	chartVersion,
	cidr,
	dnsLabel,
	dnsName,
	inventoryId,
	pinnedImage,
	quantity,
	sha256,
	url,
} from "./formats.ts";
import { inventory, proxmox } from "./proxmox-schema.ts";
import { isRegistryCredentials } from "./registry-credentials.ts";

const cpuQuantity = z.string().regex(/^[1-9]\d*m?$/, { error: "must be whole CPUs or thousandths such as 2 or 100m" });
const memoryQuantity = z
	.string()
	.regex(/^[1-9]\d*[MG]i$/, { error: "must be a whole number of Mi or Gi such as 128Mi" });

const nodePort = z.int().min(30_000).max(32_767);

const labels = z.record(z.string(), z.string());
const taints = z.array(
	z.string().regex(/^[^=:]+(=[^=:]*)?:(NoSchedule|PreferNoSchedule|NoExecute)$/, {
		error: "must be key=value:effect or key:effect with the effect NoSchedule, PreferNoSchedule or NoExecute",
	}),
);

export const podSecurityLevel = z.enum(["restricted", "baseline", "privileged"]);

const network = z.strictObject({
	bridge: z
		.string()
		.regex(/^[A-Za-z][A-Za-z0-9_.-]*$/, { error: "must be the name of a bridge such as vmbr0" })
		.default("vmbr0")
		.describe("Proxmox bridge of the node network."),
	vlan: z.int().min(1).max(4094).describe("VLAN tag of the node network."),
	cidr: cidr.describe("The nodes' network segment."),
	gateway: address,
	nameservers: z.array(address).min(1),
	searchDomain: dnsName.optional(),
	timeServers: z
		.array(z.union([address, dnsName], { error: "must be an IPv4 address or a DNS name" }))
		.default([])
		.describe("NTP servers, beside those of the image; etcd and certificates need clocks that agree."),
});

const ssh = z
	.strictObject({
		user: z
			.string()
			.regex(/^[a-z_][a-z0-9_-]*$/, { error: "must be a Linux user name" })
			.default("admin")
			.describe("Account that cloud-init creates on the nodes; the program works through it with sudo."),
		bootTimeoutSeconds: z
			.int()
			.min(10)
			.default(600)
			.describe("How long a new machine may take to answer SSH before `up` gives up on it."),
		authorizedKeys: z
			.array(
				z
					.string()
					.regex(/^(ssh-ed25519|ecdsa-sha2-\S+|ssh-rsa|sk-\S+) \S+/, { error: "must be an OpenSSH public key" }),
			)
			.default([])
			.describe("Further public keys that may log in, beside the one that the program makes for itself."),
		hostKeys: z
			.record(
				dnsLabel,
				z.string().regex(/^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)) \S+$/, {
					error: "must be an ed25519 or ecdsa host key in OpenSSH form without a comment",
				}),
			)
			.default({})
			.describe(
				"Known SSH host keys by node; the others are learned when the machine is new, and pinned from then on.",
			),
		hostKeySource: z
			.enum(["first-contact", "guest-agent"])
			.default("first-contact")
			.describe(
				"Who says which host key a new machine has: whoever answers at its address, or Proxmox, which asks the machine's guest agent. The image then has to bring `qemu-guest-agent`, which stock cloud images do not.",
			),
	})
	.prefault({});

const node = z.strictObject({
	role: z.enum(["control-plane", "worker"]),
	host: dnsLabel.describe("Proxmox host that runs the machine; a key of `proxmox.hosts`."),
	vmId: z.int().min(100).max(999_999_999),
	cmdbId: inventoryId.optional().describe("What the machine is in the inventory; a tag of it and in its description."),
	address: address.describe("Static address in `network.cidr`."),
	cpus: quantity("virtual CPUs"),
	memoryGiB: quantity("GiB of memory, never ballooned"),
	diskGiB: quantity("GiB of the system disk"),
	dataDiskGiB: z
		.int()
		.positive()
		.optional()
		.describe(
			"Whole GiB of a second disk for local persistent volumes; without the key there is none. Taken away, Proxmox keeps the volume as an unused disk; given again, the machine gets a new, blank one.",
		),
	gpu: z
		.strictObject({
			mapping: dnsLabel.describe("A key of `gpus`."),
			timeSlices: z
				.int()
				.min(1)
				.default(1)
				.describe("Pods that take turns on the card, each with all of its memory in reach; 1 gives it to one pod."),
		})
		.optional()
		.describe("Card to pass through."),
	labels: labels
		.default({})
		.describe("Node labels, beside those for the zone (its host), the region (the cluster) and the role of a worker."),
	taints: taints.default([]).describe("Node taints beside those of the role, set at registration."),
});

const gpu = z.strictObject({
	host: dnsLabel.describe("Proxmox host that holds the card; a key of `proxmox.hosts`."),
	model: z.string().min(1).describe("For people: what the card is."),
	device: z
		.strictObject({
			path: z
				.string()
				.regex(/^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}(\.[0-7])?$/, { error: "must be a PCI address such as 0000:0b:00" })
				.describe("PCI address on the host; without a function number all functions are passed."),
			id: z.string().regex(/^[0-9a-f]{4}:[0-9a-f]{4}$/, { error: "must be vendor:device such as 10de:24b0" }),
			subsystemId: z.string().regex(/^[0-9a-f]{4}:[0-9a-f]{4}$/, { error: "must be vendor:device such as 10de:14ad" }),
			iommuGroup: z.int().min(0),
		})
		.optional()
		.describe(
			"When present the program creates the resource mapping; when absent it was made by hand under this name.",
		),
});

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
	podSecurity: podSecurityLevel.default("restricted").describe("Pod Security Standard that the namespace enforces."),
	ingress: z.boolean().default(false).describe("Whether Traefik may reach its pods."),
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
			.default(1800)
			.describe(
				"How long a card may take to compute, from the installation of the operator: the driver is built first.",
			),
	})
	.optional()
	.describe(
		"Runs a program on every card before `up` ends, and again when the operator, RKE2 or the card changes. A failure names the node; `kubectl events -n gpu-smoke-test` says why. Without the key nothing is run.",
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

const platform = z.strictObject({
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
	gpuOperator: z.strictObject({ ...chart, smokeTest }),
	storage: z
		.strictObject({
			volumeGiB: quantity(
				"GiB of each local volume; a data disk (`nodes.<name>.dataDiskGiB`) holds as many as fit",
			).default(100),
		})
		.prefault({}),
	scrapers: z
		.array(address)
		.default([])
		.describe("Prometheus servers outside the cluster; nobody else outside reaches a metrics port."),
	namespaces: z
		.record(dnsLabel, workloadNamespace)
		.default({})
		.describe("Workload namespaces, each with default deny."),
});

export const stackSchema = z.strictObject({
	access,
	cluster,
	inventory,
	proxmox,
	network,
	ssh,
	nodes: z.record(dnsLabel, node).describe("The machines of the cluster, by host name."),
	gpus: z.record(dnsLabel, gpu).default({}).describe("Cards that can be passed through, by Proxmox resource mapping."),
	platform,
});

/** Secret values, one configuration key each, set with `pulumi config set --secret`. */
export const secretsSchema = z.strictObject({
	proxmoxApiToken: z
		.string()
		.regex(/^\S+@\S+!\S+=[a-zA-Z0-9-]+$/, { error: "must have the form user@realm!name=uuid" })
		.describe("Proxmox API token: `user@realm!name=uuid`."),
	clusterToken: z
		.string()
		.regex(/^[A-Za-z0-9]{32,}$/, { error: "must be at least 32 letters and digits, e.g. from `openssl rand -hex 32`" })
		.describe("RKE2 server token. Also encrypts the snapshots: without it they cannot be restored."),
	cloudflareApiToken: z.string().min(1).describe("Cloudflare API token with Zone:Read and DNS:Edit on the zone."),
	registryCredentials: z
		.string()
		.refine(isRegistryCredentials, {
			error: 'must be JSON such as {"harbor.lab.internal":{"username":"robot","password":"..."}}',
		})
		.optional()
		.describe('Credentials of registries and mirrors by host, as JSON: `{"HOST":{"username":"","password":""}}`.'),
	etcdS3AccessKey: z.string().min(1).optional().describe("Access key of `cluster.etcdSnapshots.s3`; needed with it."),
	etcdS3SecretKey: z.string().min(1).optional().describe("Secret key of `cluster.etcdSnapshots.s3`; needed with it."),
});

/** A stack file with every default filled in. */
export type StackConfig = z.output<typeof stackSchema>;
export type NodeConfig = StackConfig["nodes"][string];
export type Secrets = z.output<typeof secretsSchema>;
