/** The sections `proxmox` and `inventory` of a stack file. */
import { z } from "zod";
import { dnsLabel, httpsUrl, inventoryId, peer, quantity, sha256, url } from "./formats.ts";

export const inventory = z
	.strictObject({
		serviceId: inventoryId.describe("Inventory id of the service that the cluster is; a tag of every VM."),
		owner: z
			.string()
			.regex(/^[^\n;]+$/, { error: "must be one line without a semicolon" })
			.describe("Owner of the service; in the description of every VM."),
	})
	.optional()
	.describe("Identity of the cluster in the configuration management database.");

const storageId = z.string().regex(/^[A-Za-z][A-Za-z0-9._-]*[A-Za-z0-9]$/, {
	error: "must be the id of a Proxmox storage such as pbs",
});

const firewall = z
	.strictObject({
		enabled: z
			.boolean()
			.default(false)
			.describe(
				"Whether Proxmox drops packets that no rule accepts. Recommended, and safe to switch on for a running cluster: docs/firewall.md. It has an effect once the firewall of the datacenter is on, which you switch on by hand.",
			),
		adminCidrs: z
			.array(peer)
			.default([])
			.describe(
				"Networks and addresses that reach SSH on every node and the Kubernetes API. The workstation with Pulumi must be in one of them.",
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
					// The match of iptables that Proxmox uses for a list takes fifteen ports.
					ports: z.array(z.int().min(1).max(65_535)).min(1).max(15).describe("Ports of every node."),
					protocol: z.enum(["TCP", "UDP"]).default("TCP"),
				}),
			)
			.default([])
			.describe(
				"Further ports of every node, for programs beside the cluster such as a node exporter on 9100, or for Services of MetalLB at ports other than 80 and 443.",
			),
	})
	.prefault({})
	.describe("Packet filter in front of every VM.");

const weekday = "(mon|tue|wed|thu|fri|sat|sun)";
const retained = (what: string) => z.int().min(1).optional().describe(`How many ${what} to retain.`);

const backup = z
	.strictObject({
		storage: storageId.describe("Storage in Proxmox for the backups, a Proxmox Backup Server; create it by hand."),
		schedule: z
			.string()
			.regex(
				new RegExp(`^((${weekday}((\\.\\.|,)${weekday})* )?([01]?\\d|2[0-3]):[0-5]\\d|hourly|daily|weekly|monthly)$`),
				{
					error: "must be a time such as 02:00 or mon..fri 02:00, or one of hourly, daily, weekly, monthly",
				},
			)
			.default("daily")
			.describe("Start of the job, in the time zone of the hosts; `daily` is midnight."),
		retention: z
			.strictObject({
				keepLast: retained("of the newest backups"),
				keepDaily: retained("days, by their newest backup,"),
				keepWeekly: retained("weeks"),
				keepMonthly: retained("months"),
			})
			.refine((retention) => Object.keys(retention).length > 0, {
				error: "must have at least one of keepLast, keepDaily, keepWeekly and keepMonthly",
			})
			.describe("Backups of each VM that Proxmox retains; it prunes the others after each run."),
	})
	.optional()
	.describe(
		"Backup job of the cluster's VMs only. A backup restores a worker or a lost file; control planes are restored from etcd snapshots.",
	);

const snapshotsBeforeChange = z
	.strictObject({
		retention: z
			.int()
			.min(1)
			.default(2)
			.describe("How many snapshots of this program each VM keeps; older ones are deleted after the next one."),
	})
	.optional()
	.describe(
		"With this key `up` lets Proxmox take a snapshot of a node's VM before RKE2 or the VM restarts for a change, without its memory. It is a way back for one worker; control planes are restored from etcd snapshots. Needs `vmDatastore` and `dataDatastore` in LVM-thin, ZFS, Ceph RBD or Btrfs. See docs/operations/vm-snapshots.md.",
	);

export const proxmox = z.strictObject({
	endpoint: httpsUrl("must be an https URL such as https://10.16.207.61:8006/").describe(
		"Proxmox VE API of any member of the Proxmox cluster.",
	),
	version: z
		.literal([8, 9])
		.default(9)
		.describe(
			"Major version of Proxmox VE. The program refuses settings that need a newer one before it touches anything.",
		),
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
						"Whole GiB of `proxmox.vmDatastore` on the host. With it the program compares the disks with it, including data disks in the same storage.",
					),
			}),
		)
		.describe("Proxmox hosts that may run nodes, by their node name in Proxmox."),
	image: z
		.strictObject({
			url: url.describe("URL of a cloud image in qcow2 format with cloud-init; each host downloads it once."),
			sha256: sha256.describe("Digest of the image file."),
			fileName: z
				.string()
				.regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*\.qcow2$/, { error: "must be a plain file name that ends in .qcow2" })
				.describe("Name under which Proxmox stores the image."),
		})
		.describe("Operating system of the nodes."),
	imageDatastore: storageId.default("local").describe("Storage for the image; needs the content type `import`."),
	vmDatastore: storageId.default("local-lvm").describe("Storage for the disks of the nodes."),
	dataDatastore: storageId
		.optional()
		.describe(
			"Storage for the data disks (`nodes.<name>.dataDiskGiB`), such as a separate ZFS pool. Default: `vmDatastore`.",
		),
	sharedVmDatastore: z
		.boolean()
		.default(false)
		.describe("Whether all hosts share `vmDatastore` and, when it is set, `dataDatastore`, as with Ceph."),
	pool: z
		.string()
		.regex(/^[A-Za-z][A-Za-z0-9._-]*$/, {
			error: "must be the name of a resource pool: a letter, then letters, digits and . _ -",
		})
		.optional()
		.describe("Resource pool that the program creates for the VMs; no other program may own it."),
	backup,
	snapshotsBeforeChange,
	highAvailability: z
		.boolean()
		.default(false)
		.describe(
			"Whether Proxmox starts a VM on another of `proxmox.hosts` when its own host fails, and keeps control planes on different hosts. VMs with a GPU stay on their host. Needs `version` 9 and `sharedVmDatastore`.",
		),
	firewall,
	protectControlPlanes: z
		.boolean()
		.default(true)
		.describe(
			"Whether Pulumi refuses to delete or to recreate control planes, as a change of `host` or `vmId` would, and whether Proxmox refuses to destroy them and to detach their disks. Switch it off with an `up` before `pulumi destroy`.",
		),
	startOrder: z
		.boolean()
		.default(false)
		.describe("Whether a host that boots starts control planes first. The token then needs `Sys.Modify` on `/`."),
	tags: z
		.array(
			z.string().regex(/^[a-z0-9_][a-z0-9_.+-]*$/, {
				error: "must be a Proxmox tag: lower-case letters, digits and _ - + . such as ubuntu-24.04",
			}),
		)
		.default([])
		.describe("Tags of every VM beside `rke2`, the name of the cluster, the role and the inventory ids."),
});
