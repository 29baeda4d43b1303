/** What a stack file may say under `proxmox` and `inventory`. */
import { z } from "zod";
import { cidr, dnsLabel, inventoryId, quantity, sha256, url } from "./formats.ts";

export const inventory = z
	.strictObject({
		serviceId: inventoryId.describe("The service that the cluster is in the inventory; a tag of every machine."),
		owner: z
			.string()
			.regex(/^[^\n;]+$/, { error: "must be one line without a semicolon" })
			.describe("Who answers for it; in the description of every machine."),
	})
	.optional()
	.describe("What the configuration management database calls the cluster.");

const firewall = z
	.strictObject({
		enabled: z
			.boolean()
			.default(false)
			.describe(
				"Whether Proxmox drops what no rule lets in. It acts once the firewall of the datacenter is on, which is switched by hand.",
			),
		adminCidrs: z
			.array(cidr)
			.default([])
			.describe("Networks that reach SSH on every node and the Kubernetes API; Pulumi runs in one of them."),
		clientCidrs: z.array(cidr).default([]).describe("Networks that reach the ingress, 80 and 443, on the workers."),
		nodePortCidrs: z
			.array(cidr)
			.default([])
			.describe("Networks that reach NodePorts, 30000 to 32767, on every node; `platform.scrapers` always do."),
	})
	.prefault({})
	.describe("Packet filter in front of every machine.");

export const proxmox = z.strictObject({
	endpoint: z
		.url({ protocol: /^https$/, error: "must be an https URL such as https://10.16.207.61:8006/" })
		.describe("Proxmox VE API of any member of the Proxmox cluster."),
	hosts: z
		.record(
			dnsLabel,
			z.strictObject({
				cpus: quantity("hardware threads"),
				memoryGiB: quantity("GiB of memory"),
				diskGiB: z
					.int()
					.positive()
					.optional()
					.describe("Whole GiB of `proxmox.vmDatastore` on the host; without it nobody compares it with the disks."),
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
	firewall,
	protectControlPlanes: z
		.boolean()
		.default(false)
		.describe(
			"Whether Proxmox refuses to destroy control planes and to detach their disks; `pulumi destroy` then powers them off and fails, so switch it off first.",
		),
	startOrder: z
		.boolean()
		.default(false)
		.describe("Whether a host that boots starts control planes first; the token then needs `Sys.Modify` on `/`."),
	tags: z
		.array(
			z.string().regex(/^[a-z0-9_][a-z0-9_.+-]*$/, {
				error: "must be a Proxmox tag: lower-case letters, digits and _ - + . such as ubuntu-24.04",
			}),
		)
		.default([])
		.describe("Tags of every machine beside `rke2`, the name of the cluster, the role and the inventory ids."),
});
