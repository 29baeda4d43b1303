/** Minimum sizes of a VM by role, with their sources. */
import type { NodeConfig } from "../config/schema/stack.ts";

interface Minimum {
	/** A smaller VM cannot do its work. */
	needed?: { value: number; why: string };
	/** A smaller VM is below the requirements of the publishers. */
	advised: { value: number; why: string };
}

type Size = "cpus" | "memoryGiB" | "diskGiB";

const required = "RKE2 requires (https://docs.rke2.io/install/requirements)";

/**
 * The cloud image of Ubuntu 24.04 is a disk of 3.5 GiB, that of Rocky one of 10, and Proxmox shrinks no disk. RKE2's images
 * for Canal (https://docs.rke2.io/install/airgap) are unpacked beside it, and the kubelet deletes images and evicts pods
 * when less than 15 % is free (https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/).
 */
const disk: Minimum = {
	needed: {
		value: 10,
		why: "the cloud image and RKE2's own images fill a smaller one, and the kubelet then evicts every pod",
	},
	advised: { value: 20, why: "RKE2's sizing guide measures with (https://docs.rke2.io/install/requirements)" },
};

export const minimums: Readonly<Record<NodeConfig["role"], Readonly<Record<Size, Minimum>>>> = {
	"control-plane": {
		// The sums of `DefaultControlPlaneResources` in RKE2's pkg/podtemplate/config.go: 1100m and 2176Mi.
		cpus: {
			needed: {
				value: 2,
				why: "RKE2's own pods on it request 1.1 CPUs, and the kubelet starts no pod that does not fit",
			},
			advised: { value: 2, why: required },
		},
		memoryGiB: {
			needed: {
				value: 3,
				why: "RKE2's own pods on it request 2.1 GiB, and the kubelet starts no pod that does not fit",
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
 * The largest number of workers for control planes of a size: https://docs.rke2.io/install/requirements (VM Sizing Guide)
 */
export const serverSizes: readonly { cpus: number; memoryGiB: number; workers: number }[] = [
	{ cpus: 2, memoryGiB: 4, workers: 225 },
	{ cpus: 4, memoryGiB: 8, workers: 450 },
	{ cpus: 8, memoryGiB: 16, workers: 1300 },
];

/** How many nameservers a resolver uses, MAXNS of resolv.conf(5). The kubelet gives pods no more, and logs an event. */
export const mostNameservers = 3;
