/** Values of the NVIDIA GPU Operator chart, for v26.7, and the sharing of GPUs. */
import { createHash } from "node:crypto";
import { stringify } from "yaml";
import { controlPlaneTaint, nodeTaints, tolerationOf } from "../../../src/config/derived/node-taints.ts";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { exclusive, shared } from "../../../src/rke2/gpu-sharing.ts";
import { proxyVariables } from "../../../src/rke2/proxy.ts";

/** Configurations of the device plugin, in a ConfigMap. */
export interface TimeSlicing {
	/** Name of the ConfigMap, with a digest: the operator watches only the name, not the content. */
	name: string;
	/** Key for every node without a label of its own. */
	default: string;
	data: Record<string, string>;
}

/**
 * Several pods take turns on a GPU, node by node. Their memory is not isolated from each other.
 * https://github.com/NVIDIA/k8s-device-plugin#with-cuda-time-slicing
 *
 * @returns nothing if every pod has its GPU to itself
 */
export function timeSlicing({ nodes }: Pick<StackConfig, "nodes">): TimeSlicing | undefined {
	const shares = [...new Set(Object.values(nodes).map(({ gpu }) => gpu?.timeSlices ?? 1))]
		.filter((count) => count > 1)
		.sort((a, b) => a - b);
	if (shares.length === 0) {
		return undefined;
	}
	const data = Object.fromEntries([
		[exclusive, stringify({ version: "v1" })],
		...shares.map((count) => [shared(count), sharedFile(count)]),
	]);
	const digest = createHash("sha256").update(JSON.stringify(data)).digest("hex").slice(0, 8);
	return { name: `time-slicing-${digest}`, default: exclusive, data };
}

function sharedFile(replicas: number): string {
	return stringify({
		version: "v1",
		sharing: {
			timeSlicing: {
				renameByDefault: false,
				// Two shares give no more compute than one: a pod that requests two is refused.
				failRequestsGreaterThanOne: true,
				resources: [{ name: "nvidia.com/gpu", replicas }],
			},
		},
	});
}

export type GpuOperatorConfig = NonNullable<StackConfig["platform"]["gpuOperator"]>;

export function gpuOperatorValues(
	stack: Pick<StackConfig, "cluster" | "network" | "nodes">,
	chosen: Pick<GpuOperatorConfig, "driver" | "driverVersion">,
) {
	const slicing = timeSlicing(stack);
	const confined = { podSecurityContext: { seccompProfile: { type: "RuntimeDefault" } } };
	return {
		operator: {
			// Deleting the definitions would remove the driver from every node.
			cleanupCRD: false,
		},
		driver: driverValues(stack, chosen),
		toolkit: {
			enabled: true,
			// Only the socket: RKE2 itself finds the runtime at its next start. Pointing CONTAINERD_CONFIG at
			// RKE2's files breaks them (https://docs.rke2.io/add-ons/gpu_operators, NVIDIA/gpu-operator#992, rancher/rke2#8752).
			env: [{ name: "CONTAINERD_SOCKET", value: "/run/k3s/containerd/containerd.sock" }],
		},
		// Neither GPU of the lab can be partitioned.
		mig: { strategy: "none" },
		migManager: { enabled: false },
		devicePlugin: slicing ? { config: { name: slicing.name, default: slicing.default } } : {},
		// The cluster has no Prometheus operator that would read a ServiceMonitor.
		dcgmExporter: { serviceMonitor: { enabled: false } },
		// For every DaemonSet of the operator, in place of the tolerations in its manifests.
		daemonsets: { tolerations: tolerations(stack, gpuTaint) },
		// These pods find the GPUs. The chart has no such setting for the operator's own pods and those that it creates.
		"node-feature-discovery": {
			master: confined,
			worker: { ...confined, tolerations: tolerations(stack, controlPlaneTaint, gpuTaint) },
			gc: confined,
		},
	};
}

const gpuTaint = "nvidia.com/gpu:NoSchedule";

/**
 * For pods that run on every node with a GPU, with any taint.
 *
 * @param defaults taints that the chart tolerates by default; the list replaces its own
 */
function tolerations({ nodes }: Pick<StackConfig, "nodes">, ...defaults: string[]) {
	const taints = Object.values(nodes)
		.filter(({ gpu }) => gpu !== undefined)
		.flatMap(nodeTaints);
	const byTaint = [...defaults, ...taints].map(tolerationOf).map((found) => [`${found.key}:${found.effect}`, found]);
	return Object.values(Object.fromEntries(byTaint));
}

/** A container builds and loads the operator's driver, which would conflict with a driver of the node's image. */
function driverValues(
	stack: Pick<StackConfig, "cluster" | "network">,
	{ driver, driverVersion }: Pick<GpuOperatorConfig, "driver" | "driverVersion">,
) {
	if (driver === "host") {
		return { enabled: false };
	}
	// Some programs in the container read the variables in capitals, others in small letters.
	const env = Object.entries(proxyVariables(stack)).flatMap(([name, value]) => [
		{ name, value },
		{ name: name.toLowerCase(), value },
	]);
	return { enabled: true, ...(driverVersion === undefined ? {} : { version: driverVersion }), env };
}
