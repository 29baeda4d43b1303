/** What a stack file may say under `proxmox` and `inventory`. */
import { z } from "zod";
import { dnsLabel, httpsUrl, inventoryId, peer, quantity, sha256, url } from "./formats.ts";

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

const storageId = z.string().regex(/^[A-Za-z][A-Za-z0-9._-]*[A-Za-z0-9]$/, {
	error: "must be the id of a Proxmox storage such as pbs",
});

const firewall = z
	.strictObject({
		enabled: z
			.boolean()
			.default(false)
			.describe(
				"Whether Proxmox drops what no rule lets in. Recommended, and safe to switch on for a cluster that runs: docs/firewall.md. It acts once the firewall of the datacenter is on, which is switched by hand.",
			),
		adminCidrs: z
			.array(peer)
			.default([])
			.describe(
				"Networks and addresses that reach SSH on every node and the Kubernetes API; Pulumi runs in one of them.",
			),
		clientCidrs: z
			.array(peer)
			.default([])
			.describe(
				"Networks and addresses that reach the ingress on the workers, at the ports of `platform.traefik.exposure`.",
			),
		nodePortCidrs: z
			.array(peer)
			.default([])
			.describe("Networks and addresses that reach NodePorts, 30000 to 32767, on every node."),
		allow: z
			.array(
				z.strictObject({
					cidrs: z.array(peer).min(1).describe("Networks and addresses that reach the ports."),
					// Proxmox hands a list of ports to a match that takes fifteen.
					ports: z.array(z.int().min(1).max(65_535)).min(1).max(15).describe("Ports of every node."),
					protocol: z.enum(["TCP", "UDP"]).default("TCP"),
				}),
			)
			.default([])
			.describe(
				"What else reaches every node: what somebody runs there beside the cluster, such as a node exporter on 9100, or Services of MetalLB at other ports than 80 and 443.",
			),
	})
	.prefault({})
	.describe("Packet filter in front of every machine.");

const weekday = "(mon|tue|wed|thu|fri|sat|sun)";
const kept = (what: string) => z.int().min(1).optional().describe(`How many ${what} are kept.`);

const backup = z
	.strictObject({
		storage: storageId.describe("Storage in Proxmox for the backups, a Proxmox Backup Server; made by hand."),
		schedule: z
			.string()
			.regex(
				new RegExp(`^((${weekday}((\\.\\.|,)${weekday})* )?([01]?\\d|2[0-3]):[0-5]\\d|hourly|daily|weekly|monthly)$`),
				{
					error: "must be a time such as 02:00 or mon..fri 02:00, or one of hourly, daily, weekly, monthly",
				},
			)
			.default("daily")
			.describe("When it starts, in the time zone of the hosts; `daily` is midnight."),
		retention: z
			.strictObject({
				keepLast: kept("of the newest"),
				keepDaily: kept("days, by their newest backup,"),
				keepWeekly: kept("weeks"),
				keepMonthly: kept("months"),
			})
			.refine((retention) => Object.keys(retention).length > 0, {
				error: "must keep something: one of keepLast, keepDaily, keepWeekly and keepMonthly at least",
			})
			.describe("What is kept of each machine's backups; the rest is pruned after each run."),
	})
	.optional()
	.describe(
		"Backup job of the machines, and of no other. It restores a worker or a lost file; control planes come back from etcd snapshots.",
	);

export const proxmox = z.strictObject({
	endpoint: httpsUrl("must be an https URL such as https://10.16.207.61:8006/").describe(
		"Proxmox VE API of any member of the Proxmox cluster.",
	),
	version: z
		.literal([8, 9])
		.default(9)
		.describe("Major version of Proxmox VE; what needs a newer one is refused before anything is touched."),
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
					.describe(
						"Whole GiB of `proxmox.vmDatastore` on the host; without it nobody compares it with the disks. Data disks count where they are in it.",
					),
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
	imageDatastore: storageId.default("local").describe("Storage for the image; needs the content type `import`."),
	vmDatastore: storageId.default("local-lvm").describe("Storage for the disks of the nodes."),
	dataDatastore: storageId
		.optional()
		.describe(
			"Storage for the data disks (`nodes.<name>.dataDiskGiB`), such as a ZFS pool of their own; without the key `vmDatastore`.",
		),
	sharedVmDatastore: z
		.boolean()
		.default(false)
		.describe(
			"Whether `vmDatastore`, and `dataDatastore` where there is one, are storages that all hosts reach, such as Ceph, and not of each host.",
		),
	pool: z
		.string()
		.regex(/^[A-Za-z][A-Za-z0-9._-]*$/, {
			error: "must be the name of a resource pool: a letter, then letters, digits and . _ -",
		})
		.optional()
		.describe("Resource pool that the program makes and puts the machines into; no other program may own it."),
	backup,
	highAvailability: z
		.boolean()
		.default(false)
		.describe(
			"Whether Proxmox starts a machine on another of `proxmox.hosts` when its own fails, control planes never two on one. Machines with a card stay where it is. Needs `version` 9 and `sharedVmDatastore`.",
		),
	firewall,
	protectControlPlanes: z
		.boolean()
		.default(true)
		.describe(
			"Whether Pulumi refuses to delete control planes and to make them anew, as another `host` or `vmId` would, and Proxmox to destroy them and to detach their disks. Switch it off, with an `up`, before a `pulumi destroy`.",
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
