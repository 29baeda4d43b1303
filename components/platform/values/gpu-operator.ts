/** Values of the NVIDIA GPU Operator chart, for v26.7, and the sharing of cards. */
import { createHash } from "node:crypto";
import { stringify } from "yaml";

export const gpuOperatorNamespace = "gpu-operator";

/** A file for the device plugin, as the ConfigMap that carries it. */
export interface TimeSlicing {
	/** Name of the ConfigMap. Holds a digest: the operator does not watch the content, only the name. */
	name: string;
	/** Key that applies to every node without a label of its own. */
	default: string;
	data: Record<string, string>;
}

/**
 * Several pods share a card in turns. There is no isolation of memory between them.
 * https://github.com/NVIDIA/k8s-device-plugin#with-cuda-time-slicing
 *
 * @param shares pods per card; 1 turns time-slicing off
 */
export function timeSlicing(shares: number): TimeSlicing | undefined {
	if (shares === 1) {
		return undefined;
	}
	const file = stringify({
		version: "v1",
		sharing: {
			timeSlicing: {
				renameByDefault: false,
				// Two shares are no more compute than one: refuse a pod that thinks otherwise.
				failRequestsGreaterThanOne: true,
				resources: [{ name: "nvidia.com/gpu", replicas: shares }],
			},
		},
	});
	const digest = createHash("sha256").update(file).digest("hex").slice(0, 8);
	return { name: `time-slicing-${digest}`, default: "any", data: { any: file } };
}

export function gpuOperatorValues(slicing: TimeSlicing | undefined) {
	return {
		operator: {
			// Deleting the definitions would delete the driver from every node with them.
			cleanupCRD: false,
		},
		// The hosts have no driver of their own: the operator's container builds and loads it.
		driver: { enabled: true },
		toolkit: {
			enabled: true,
			// The socket and nothing else: RKE2 finds the runtime at its next start by itself. Pointing CONTAINERD_CONFIG at
			// RKE2's files breaks them (https://docs.rke2.io/add-ons/gpu_operators, NVIDIA/gpu-operator#992, rancher/rke2#8752).
			env: [{ name: "CONTAINERD_SOCKET", value: "/run/k3s/containerd/containerd.sock" }],
		},
		// Neither card of the lab can be partitioned.
		mig: { strategy: "none" },
		migManager: { enabled: false },
		devicePlugin: slicing ? { config: { name: slicing.name, default: slicing.default } } : {},
		// There is no Prometheus operator in the cluster to read it.
		dcgmExporter: { serviceMonitor: { enabled: false } },
	};
}
