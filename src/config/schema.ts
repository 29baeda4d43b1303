/**
 * What a stack file may say. The types, the editor's JSON schema and docs/configuration.md derive from this one place;
 * rules that span several keys are in checks/.
 */
import { z } from "zod";
import { isAddress, isCidr, isRange } from "./addresses.ts";

const address = z.string().refine(isAddress, { error: "must be an IPv4 address such as 10.25.20.4" });
const cidr = z.string().refine(isCidr, {
	error: "must be an IPv4 network in CIDR form with no host bits set, such as 10.25.20.0/24",
});
const dnsLabel = z
	.string()
	.regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, { error: "must be a lower-case DNS label such as proj-k8sw01" });
const dnsName = z
	.string()
	.regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/, { error: "must be a DNS name such as lab.internal" });
const sha256 = z
	.string()
	.regex(/^[0-9a-f]{64}$/, { error: "must be a SHA-256 digest: 64 lower-case hexadecimal digits" });
const url = z.url({ protocol: /^https?$/, error: "must be an http or https URL" });
const chartVersion = z.string().regex(/^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, {
	error: "must be one exact chart version such as 41.3.0, not a range",
});
const quantity = (unit: string) => z.int().positive().describe(`Whole ${unit}.`);

const labels = z.record(z.string(), z.string());
const taints = z.array(
	z.string().regex(/^[^=:]+(=[^=:]*)?:(NoSchedule|PreferNoSchedule|NoExecute)$/, {
		error: "must be key=value:effect or key:effect with the effect NoSchedule, PreferNoSchedule or NoExecute",
	}),
);

export const podSecurityLevel = z.enum(["restricted", "baseline", "privileged"]);

const cluster = z.strictObject({
	name: dnsLabel.describe(
		"Name of the cluster: names the Proxmox tag, the kubeconfig context and the provider's identity.",
	),
	version: z
		.string()
		.regex(/^v\d+\.\d+\.\d+\+rke2r\d+$/, {
			error: "must be one full RKE2 version such as v1.35.7+rke2r1, not a channel or a minor",
		})
		.describe("RKE2 release on every node."),
	artifacts: z.strictObject({
		url: url
			.default("https://github.com/rancher/rke2/releases/download")
			.describe("Where `<version>/rke2.linux-amd64.tar.gz` is found; a mirror for closed networks."),
		sha256: sha256.describe("Digest of that tarball, from the release's sha256sum-amd64.txt."),
	}),
	api: z.strictObject({
		address: address.describe("Virtual address of the API on 6443 and of node registration on 9345, held by kube-vip."),
		hostname: dnsName.describe("DNS name of that address; goes into the API server's certificate."),
	}),
	podCidr: cidr.default("10.42.0.0/16").describe("Pod network. Cannot change on a running cluster."),
	serviceCidr: cidr.default("10.43.0.0/16").describe("Service network. Cannot change on a running cluster."),
	canal: z
		.strictObject({
			backend: z
				.enum(["vxlan", "wireguard"])
				.default("vxlan")
				.describe("Flannel backend; `wireguard` encrypts traffic between nodes."),
			mtu: z.int().min(1280).max(8950).default(1450).describe("MTU of pod interfaces; at most 1420 with wireguard."),
		})
		.prefault({}),
	etcdSnapshots: z
		.strictObject({
			schedule: z
				.string()
				.regex(/^(\S+\s+){4}\S+$/, { error: "must be a cron expression of five fields such as 0 */6 * * *" })
				.default("0 */6 * * *")
				.describe("Cron expression, in the time zone of the nodes."),
			retention: z.int().min(1).default(28).describe("Snapshots kept on each server; 28 at 6 h is a week."),
		})
		.prefault({}),
});

const proxmox = z.strictObject({
	endpoint: z
		.url({ protocol: /^https$/, error: "must be an https URL such as https://10.16.207.61:8006/" })
		.describe("Proxmox VE API of any member of the Proxmox cluster."),
	hosts: z
		.record(
			dnsLabel,
			z.strictObject({
				cpus: quantity("hardware threads"),
				memoryGiB: quantity("GiB of memory"),
			}),
		)
		.describe("The Proxmox hosts that may run nodes, by their Proxmox node name."),
	image: z
		.strictObject({
			url: url.describe("Cloud image in qcow2 format with cloud-init; each host downloads it once."),
			sha256: sha256.describe("Digest of the image file."),
			fileName: z
				.string()
				.regex(/^[A-Za-z0-9._-]+\.qcow2$/, { error: "must be a plain file name that ends in .qcow2" })
				.describe("Name under which Proxmox stores the image."),
		})
		.describe("Operating system of the nodes."),
	imageDatastore: z
		.string()
		.min(1)
		.default("local")
		.describe("Storage for the image; needs the content type `import`."),
	vmDatastore: z.string().min(1).default("local-lvm").describe("Storage for the disks of the nodes."),
});

const network = z.strictObject({
	bridge: z.string().min(1).default("vmbr0").describe("Proxmox bridge of the node network."),
	vlan: z.int().min(1).max(4094).describe("VLAN tag of the node network."),
	cidr: cidr.describe("The nodes' network segment."),
	gateway: address,
	nameservers: z.array(address).min(1),
	searchDomain: dnsName.optional(),
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
			.describe("Known SSH host keys by node; the others are learned at first contact and pinned from then on."),
	})
	.prefault({});

const node = z.strictObject({
	role: z.enum(["control-plane", "worker"]),
	host: dnsLabel.describe("Proxmox host that runs the machine; a key of `proxmox.hosts`."),
	vmId: z.int().min(100).max(999_999_999),
	address: address.describe("Static address in `network.cidr`."),
	cpus: quantity("virtual CPUs"),
	memoryGiB: quantity("GiB of memory, never ballooned"),
	diskGiB: quantity("GiB of the system disk"),
	gpu: z
		.strictObject({ mapping: dnsLabel.describe("A key of `gpus`.") })
		.optional()
		.describe("Card to pass through."),
	labels: labels.default({}).describe("Node labels, set at registration."),
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

const workloadNamespace = z.strictObject({
	podSecurity: podSecurityLevel.default("restricted").describe("Pod Security Standard that the namespace enforces."),
	ingress: z.boolean().default(false).describe("Whether Traefik may reach its pods."),
});

const platform = z.strictObject({
	chartMirror: url
		.optional()
		.describe("One chart repository that holds every chart, instead of the publishers' own; for closed networks."),
	traefik: z.strictObject({ version: chartVersion }),
	certManager: z.strictObject({
		version: chartVersion,
		acmeServer: url
			.default("https://acme-v02.api.letsencrypt.org/directory")
			.describe("ACME directory that issues certificates."),
		email: z.email({ error: "must be an e-mail address" }).describe("Contact of the ACME account."),
		domain: dnsName.describe("Zone at Cloudflare; the wildcard certificate covers it and `*.` of it."),
	}),
	metallb: z.strictObject({
		version: chartVersion,
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
		version: chartVersion,
		timeSlices: z.int().min(1).default(1).describe("Shares per card; 1 turns time-slicing off."),
	}),
	namespaces: z
		.record(dnsLabel, workloadNamespace)
		.default({})
		.describe("Workload namespaces, each with default deny."),
});

export const stackSchema = z.strictObject({
	cluster,
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
});

/** A stack file with every default filled in. */
export type StackConfig = z.output<typeof stackSchema>;
export type NodeConfig = StackConfig["nodes"][string];
export type Secrets = z.output<typeof secretsSchema>;
