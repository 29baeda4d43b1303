/** The least that a machine needs, by role, and where that is written. */
import type { NodeConfig } from "../config/schema/stack.ts";

interface Minimum {
	/** Below it the machine cannot do its part. */
	needed?: { value: number; why: string };
	/** Below it the publishers promise nothing. */
	advised: { value: number; why: string };
}

type Size = "cpus" | "memoryGiB" | "diskGiB";

const required = "RKE2 requires (https://docs.rke2.io/install/requirements)";

/**
 * The Ubuntu 24.04 cloud image is a disk of 3.5 GiB, Rocky's is one of 10, and Proxmox makes none smaller. RKE2's images
 * for Canal (https://docs.rke2.io/install/airgap) are unpacked beside it, and the kubelet deletes images and evicts pods
 * when less than 15 % is free (https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/).
 */
const disk: Minimum = {
	needed: {
		value: 10,
		why: "the cloud image and RKE2's own images fill a smaller one, from which the kubelet then evicts every pod",
	},
	advised: { value: 20, why: "RKE2's sizing guide measures with (https://docs.rke2.io/install/requirements)" },
};

export const minimums: Readonly<Record<NodeConfig["role"], Readonly<Record<Size, Minimum>>>> = {
	"control-plane": {
		// The sums of `DefaultControlPlaneResources` in RKE2's pkg/podtemplate/config.go: 1100m and 2176Mi.
		cpus: {
			needed: {
				value: 2,
				why: "RKE2's own pods on it ask for 1.1 CPUs, and the kubelet starts none that does not fit",
			},
			advised: { value: 2, why: required },
		},
		memoryGiB: {
			needed: {
				value: 3,
				why: "RKE2's own pods on it ask for 2.1 GiB, and the kubelet starts none that does not fit",
			},
			advised: { value: 4, why: required },
		},
		diskGiB: disk,
	},
	worker: {
		cpus: { advised: { value: 2, why: required } },
		memoryGiB: { advised: { value: 4, why: required } },
		diskGiB: disk,
	},
};

/**
 * Up to how many workers control planes of a size are enough for. https://docs.rke2.io/install/requirements (VM Sizing Guide)
 */
export const serverSizes: readonly { cpus: number; memoryGiB: number; workers: number }[] = [
	{ cpus: 2, memoryGiB: 4, workers: 225 },
	{ cpus: 4, memoryGiB: 8, workers: 450 },
	{ cpus: 8, memoryGiB: 16, workers: 1300 },
];

/** Nameservers that the resolver asks, MAXNS of resolv.conf(5); the kubelet gives pods no more and logs an event. */
export const mostNameservers = 3;
