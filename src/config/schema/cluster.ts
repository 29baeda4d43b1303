/** The section `cluster` of a stack file. */
import { z } from "zod";
import { preflightChecks } from "../../facts/preflight-checks.ts";
import { isProxyException, proxyExceptionPattern } from "../formats/proxy-exceptions.ts";
import { scheduleMacros, scheduleMistakes, schedulePattern } from "../formats/schedule.ts";
import { drain } from "./drain.ts";
import {
	address,
	cidr,
	dnsLabel,
	dnsName,
	hostAndPort,
	peer,
	pemCertificates,
	rke2Version,
	sha256,
	url,
} from "./formats.ts";
import { maintenanceWindow } from "./maintenance-window.ts";
import { restore } from "./restore.ts";
import { snapshotStore } from "./snapshot-store.ts";

const registries = z
	.strictObject({
		systemDefault: hostAndPort
			.optional()
			.describe("Registry of RKE2's own images. It must have all of them under their original names."),
		mirrors: z
			.record(
				z.union([hostAndPort, z.literal("*")], {
					error: "must be the host of a registry with an optional port such as docker.io, or *",
				}),
				z.strictObject({
					endpoints: z
						.array(url)
						.min(1)
						.describe("Mirrors in the order in which nodes try them; the registry itself is the last."),
				}),
			)
			.default({})
			.describe("Mirrors of a registry, by its host; `*` is every registry."),
		authorities: z
			.record(hostAndPort, pemCertificates)
			.default({})
			.describe("Certificate authorities of registries and mirrors, by host, when they are not public ones."),
	})
	.prefault({});

const exceptionRule = "must be a host, a domain such as .lab.internal or a network with a prefix of 8 or more";

const proxy = z
	.strictObject({
		url: url.describe(
			"Proxy for everything that RKE2, containerd, the installation, cert-manager and the build of the GPU driver download.",
		),
		exceptions: z
			.array(
				z
					.string()
					.regex(new RegExp(`^${proxyExceptionPattern}$`), { error: exceptionRule, abort: true })
					.refine(isProxyException, { error: exceptionRule }),
			)
			.default([])
			.describe(
				"Hosts and networks that are reached without the proxy, beside the nodes, pods, Services and the cluster's own domain.",
			),
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
				"Further kernel settings (sysctl) of every node, beside those that Kubernetes and the CIS profile need. A setting that you remove stays in force until the next reboot.",
			),
		modules: z
			.array(z.string().regex(/^[a-z0-9_-]+$/, { error: "must be the name of a kernel module such as nfs" }))
			.default([])
			.describe("Further kernel modules of every node."),
	})
	.prefault({});

/**
 * kube-vip's own defaults since kube-vip#1429 (cmd/kube-vip.go, flags leaseDuration, leaseRenewDuration and leaseRetry).
 * With the former defaults, 5, 3 and 1, a server lost the address when its disk paused for 4 s.
 */
const kubeVipLease = {
	leaseDuration: z
		.int()
		.min(3)
		.max(300)
		.default(15)
		.describe("Seconds after which another server takes the address when its holder does not renew the lease."),
	renewDeadline: z
		.int()
		.min(2)
		.default(10)
		.describe("Seconds for which the holder tries to renew its lease before it releases the address."),
	retryPeriod: z.int().min(1).default(2).describe("Seconds between two attempts to renew or to take the lease."),
};

const preflight = z
	.strictObject({
		accept: z
			.array(z.enum(preflightChecks))
			.default([])
			.describe(
				"Checks of a new node (docs/operating-system.md) whose findings are only reported, because they do no harm here.",
			),
	})
	.prefault({});

/** The name of a rotation: each other name is another one. */
const rotationName = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, {
	error: "must be a name such as 2026-11, of at most 32 small letters, digits and hyphens",
});

export const cluster = z.strictObject({
	name: dnsLabel.describe(
		"Name of the cluster. The Proxmox tag, the region label of the nodes, the kubeconfig context and the user of the Proxmox token have it.",
	),
	version: rke2Version.describe(
		"RKE2 release on every node, 1.33 or newer. Upgrade a running cluster one minor at a time; a downgrade is possible to a lower patch only.",
	),
	artifacts: z.strictObject({
		url: url
			.default("https://github.com/rancher/rke2/releases/download")
			.describe("URL in front of `<version>/rke2.linux-amd64.tar.gz`; a mirror in closed networks."),
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
						"Digest of the image `ghcr.io/kube-vip/kube-vip` of that version, as its publisher states it. Without it nodes trust the tag.",
					),
				...kubeVipLease,
			})
			.prefault({})
			.describe("Version and lease of kube-vip, which moves the address in mode `kube-vip`."),
		virtualRouterId: z
			.int()
			.min(1)
			.max(255)
			.default(51)
			.describe(
				"Virtual router id (VRRP) of keepalived. Each cluster on a network segment needs its own. Cannot change on a running cluster.",
			),
	}),
	podCidr: cidr
		.default("10.42.0.0/16")
		.describe("Pod network, a /13 or smaller. Each node gets a /24 of it. Cannot change on a running cluster."),
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
					"MTU of pod interfaces: `network.mtu` minus the overhead of the backend, 50 bytes for vxlan and 80 for wireguard. Cannot change on a running cluster.",
				),
			checksumOffload: z
				.boolean()
				.default(false)
				.describe(
					"Whether the network interface computes the checksums of VXLAN packets. With virtio some kernels, including that of Ubuntu 24.04, compute them wrongly (flannel-io/flannel#2152), and pods on different nodes cannot reach each other. Switch it on to get more than about 2.5 Gbit/s on one connection. Running nodes take the change without a restart.",
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
					"Cron expression of five fields or a macro such as `@hourly`, in the time zone of the nodes. `@every` is refused: it restarts with RKE2.",
				),
			retention: z.int().min(1).default(28).describe("How many snapshots each server retains; 28 at 6 h is a week."),
			s3: snapshotStore,
		})
		.prefault({}),
	restore,
	secretsEncryptionKey: rotationName
		.optional()
		.describe(
			"Names the key that encrypts Secrets in etcd. On a running cluster another name rotates the key, once. See docs/operations/rotate.md.",
		),
	certificateRotation: rotationName
		.optional()
		.describe(
			"Names the certificates with which RKE2 runs on the nodes. On a running cluster another name makes them anew, one node after another. See docs/operations/rotate.md.",
		),
	etcdMetrics: z
		.boolean()
		.default(false)
		.describe("Whether etcd serves its metrics on port 2381 of each server, in clear text and without authentication."),
	registries,
	proxy,
	kernel,
	preflight,
	drain,
	maxUnavailableWorkers: z
		.union(
			[
				z.int().min(1),
				z
					.string()
					.regex(/^([1-9]\d?|100)%$/, { error: "must be a percentage of the workers from 1% to 100% such as 25%" }),
			],
			{ error: "must be a number of workers from 1, or a percentage of them such as 25%" },
		)
		.default(1)
		.describe(
			"How many workers a rollout may change at the same time. A percentage counts whole workers, and at least one. The first worker of the stack file changes before the others; control planes always change one after another.",
		),
	maintenanceWindow,
});
