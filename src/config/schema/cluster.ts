/** What a stack file may say under `cluster`. */
import { z } from "zod";
import { preflightChecks } from "../../facts/preflight-checks.ts";
import { scheduleMacros, scheduleMistakes, schedulePattern } from "../formats/schedule.ts";
import { drain } from "./drain.ts";
import { address, cidr, dnsLabel, dnsName, hostAndPort, peer, pemCertificates, sha256, url } from "./formats.ts";

const snapshotStore = z
	.strictObject({
		endpoint: hostAndPort.describe("Host, with the port where it is not the usual one."),
		bucket: z
			.string()
			.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, {
				error: "must be the name of an S3 bucket: 3 to 63 of a-z 0-9 . -",
			})
			.describe("Made beforehand; RKE2 makes none."),
		folder: z
			.string()
			.regex(/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/, {
				error: "must be a path such as cluster1, without a slash at its ends",
			})
			.optional()
			.describe("Folder in the bucket; one per cluster where they share a bucket."),
		region: z
			.string()
			.min(1)
			.default("us-east-1")
			.describe("Region of the bucket; most stores of one's own ignore it."),
		retention: z
			.int()
			.min(1)
			.default(120)
			.describe("Scheduled snapshots kept in the bucket, beside those on the servers."),
		bucketLookup: z
			.enum(["auto", "dns", "path"])
			.default("auto")
			.describe(
				"Where the bucket's name goes: `dns` in front of the host, `path` behind it. With `auto` RKE2 goes by the endpoint, which is wrong for some stores of one's own.",
			),
		insecure: z
			.boolean()
			.default(false)
			.describe("Plain http. In a snapshot only Secrets are encrypted, and the rest of it goes in the clear."),
		endpointCa: pemCertificates.optional().describe("Authority of the store, where it is not a public one."),
	})
	.optional()
	.describe("Where every scheduled snapshot goes as well: with all servers lost, those on the servers are gone too.");

const registries = z
	.strictObject({
		systemDefault: hostAndPort
			.optional()
			.describe("Registry that RKE2's own images come from; it has to hold all of them under their names."),
		mirrors: z
			.record(
				z.union([hostAndPort, z.literal("*")], {
					error: "must be the host of a registry with an optional port such as docker.io, or *",
				}),
				z.strictObject({
					endpoints: z.array(url).min(1).describe("Asked in this order, and then the registry itself."),
				}),
			)
			.default({})
			.describe("Where images of a registry are pulled instead, by its host; `*` is every registry."),
		authorities: z
			.record(hostAndPort, pemCertificates)
			.default({})
			.describe("Authorities of registries and mirrors whose certificates are not public ones, by host."),
	})
	.prefault({});

const proxy = z
	.strictObject({
		url: url.describe(
			"Proxy for what RKE2, containerd, the installation, cert-manager and the build of the GPU driver fetch from outside.",
		),
		exceptions: z
			.array(
				z
					.string()
					.regex(/^[^\s,/]+(\/\d+)?$/, { error: "must be a host, a domain such as .lab.internal or a network" }),
			)
			.default([])
			.describe("Reached directly, beside the nodes, pods, services and the cluster's own domain."),
	})
	.optional();

const kernel = z
	.strictObject({
		settings: z
			.record(
				z
					.string()
					.regex(/^[a-z0-9_]+(\.[A-Za-z0-9_*/-]+)+$/, { error: "must be a kernel setting such as vm.max_map_count" }),
				z.union([z.int(), z.string().regex(/^[^\n]+$/, { error: "must be one line" })], {
					error: "must be an integer or one line of text",
				}),
			)
			.default({})
			.describe(
				"Further kernel settings (sysctl) of every node, beside those that Kubernetes and the CIS profile need. One that is taken away stays until the next reboot.",
			),
		modules: z
			.array(z.string().regex(/^[a-z0-9_-]+$/, { error: "must be the name of a kernel module such as nfs" }))
			.default([])
			.describe("Further kernel modules of every node."),
	})
	.prefault({});

/**
 * kube-vip's own defaults since kube-vip#1429 (cmd/kube-vip.go, flags leaseDuration, leaseRenewDuration and leaseRetry).
 * Those of before, 5, 3 and 1, lose the address when the disk under etcd pauses for 4 s.
 */
const kubeVipLease = {
	leaseDuration: z
		.int()
		.min(3)
		.max(300)
		.default(15)
		.describe("Seconds after which another server takes the address from one that no longer renews its lease."),
	renewDeadline: z
		.int()
		.min(2)
		.default(10)
		.describe("Seconds for which the holder tries to renew its lease before it gives the address up."),
	retryPeriod: z.int().min(1).default(2).describe("Seconds between two attempts to renew the lease, or to take it."),
};

const preflight = z
	.strictObject({
		accept: z
			.array(z.enum(preflightChecks))
			.default([])
			.describe(
				"Checks of a new node (docs/operating-system.md) whose findings are said and stop nothing, because they do no harm here.",
			),
	})
	.prefault({});

export const cluster = z.strictObject({
	name: dnsLabel.describe(
		"Name of the cluster: names the Proxmox tag, the region label of the nodes, the kubeconfig context and the user of the Proxmox token.",
	),
	version: z
		.string()
		.regex(/^v\d+\.\d+\.\d+\+rke2r\d+$/, {
			error: "must be one full RKE2 version such as v1.35.7+rke2r1, not a channel or a minor",
		})
		.describe(
			"RKE2 release on every node, 1.33 or newer. A running cluster goes up one minor at a time, and down only to a lower patch.",
		),
	artifacts: z.strictObject({
		url: url
			.default("https://github.com/rancher/rke2/releases/download")
			.describe("Where `<version>/rke2.linux-amd64.tar.gz` is found; a mirror for closed networks."),
		sha256: sha256.describe("Digest of that tarball, from the release's sha256sum-amd64.txt."),
	}),
	api: z.strictObject({
		mode: z
			.enum(["kube-vip", "keepalived", "external", "dns"])
			.default("kube-vip")
			.describe(
				"How the API is reached: at an `address` that kube-vip or keepalived moves between the control planes, at that of a load balancer of your own that passes TCP on 6443 and 9345 through to those that answer, or by a `hostname` that resolves to all of them. Cannot change on a running cluster.",
			),
		address: address
			.optional()
			.describe(
				"Address of the API on 6443 and of node registration on 9345. Needed in every mode but `dns`, which has none. Cannot change on a running cluster.",
			),
		balancerCidrs: z
			.array(peer)
			.min(1)
			.optional()
			.describe(
				"Networks and addresses that a load balancer of your own (mode `external`) connects from, where that is not `address` alone: each half of a redundant pair uses its own address. The firewall lets them in on 6443 and 9345.",
			),
		hostname: dnsName.describe(
			"DNS name of that address, or in mode `dns` of the control planes; goes into the API server's certificate.",
		),
		kubeVip: z
			.strictObject({
				version: z
					.string()
					.regex(/^v\d+\.\d+\.\d+$/, { error: "must be one exact kube-vip version such as v1.2.3" })
					.default("v1.2.3"),
				sha256: sha256
					.optional()
					.describe(
						"Digest of the image `ghcr.io/kube-vip/kube-vip` of that version, as its publisher vouches for it; without it the tag is trusted.",
					),
				...kubeVipLease,
			})
			.prefault({})
			.describe("The kube-vip that moves the address in mode `kube-vip`."),
		virtualRouterId: z
			.int()
			.min(1)
			.max(255)
			.default(51)
			.describe(
				"VRRP's number for the address with keepalived; each cluster on a network segment needs its own. Cannot change on a running cluster.",
			),
	}),
	podCidr: cidr
		.default("10.42.0.0/16")
		.describe("Pod network, a /13 at most, of which each node gets a /24. Cannot change on a running cluster."),
	serviceCidr: cidr
		.default("10.43.0.0/16")
		.describe("Service network, a /12 to a /24. Cannot change on a running cluster."),
	canal: z
		.strictObject({
			backend: z
				.enum(["vxlan", "wireguard"])
				.default("vxlan")
				.describe("Flannel backend; `wireguard` encrypts traffic between nodes. Cannot change on a running cluster."),
			mtu: z
				.int()
				.min(1280)
				.max(8950)
				.default(1450)
				.describe(
					"MTU of pod interfaces: that of the nodes (`network.mtu`) without the backend's overhead, 50 bytes with vxlan and 80 with wireguard. Cannot change on a running cluster.",
				),
			checksumOffload: z
				.boolean()
				.default(false)
				.describe(
					"Whether the VXLAN device leaves checksums to the machine's network card. On virtio some kernels get them wrong, Ubuntu 24.04's among them (flannel-io/flannel#2152), and pods of different nodes do not reach each other. On, one connection gets more than about 2.5 Gbit/s. It changes on running nodes without a restart.",
				),
		})
		.prefault({}),
	etcdSnapshots: z
		.strictObject({
			schedule: z
				.string()
				.regex(schedulePattern, {
					error: `must be a cron expression of five fields such as 0 */6 * * *, or one of ${scheduleMacros.join(", ")}`,
				})
				.superRefine((text, { addIssue }) => {
					for (const message of scheduleMistakes(text)) {
						addIssue({ code: "custom", message });
					}
				})
				.default("0 */6 * * *")
				.describe(
					"Cron expression of five fields or a macro such as `@hourly`, in the time zone of the nodes. Not `@every`, which each start of RKE2 begins anew.",
				),
			retention: z.int().min(1).default(28).describe("Snapshots kept on each server; 28 at 6 h is a week."),
			s3: snapshotStore,
		})
		.prefault({}),
	etcdMetrics: z
		.boolean()
		.default(false)
		.describe("Whether etcd's metrics answer on port 2381 of each server, in clear text, to whoever can reach it."),
	registries,
	proxy,
	kernel,
	preflight,
	drain,
});
