/** Values of the NVIDIA GPU Operator chart, for v26.7, and the sharing of cards. */
import { createHash } from "node:crypto";
import { stringify } from "yaml";
import { controlPlaneTaint, nodeTaints, tolerationOf } from "../../../src/config/derived/node-taints.ts";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { exclusive, shared } from "../../../src/rke2/gpu-sharing.ts";
import { proxyVariables } from "../../../src/rke2/proxy.ts";

/** Configurations of the device plugin, as the ConfigMap that carries them. */
export interface TimeSlicing {
	/** Name of the ConfigMap. Holds a digest: the operator does not watch the content, only the name. */
	name: string;
	/** Key that applies to every node without a label of its own. */
	default: string;
	data: Record<string, string>;
}

/**
 * Several pods share a card in turns, node by node. There is no isolation of memory between them.
 * https://github.com/NVIDIA/k8s-device-plugin#with-cuda-time-slicing
 *
 * @returns nothing where every pod has its card to itself
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
				// Two shares are no more compute than one: refuse a pod that thinks otherwise.
				failRequestsGreaterThanOne: true,
				resources: [{ name: "nvidia.com/gpu", replicas }],
			},
		},
	});
}

export type GpuOperatorConfig = NonNullable<StackConfig["platform"]["gpuOperator"]>;

export function gpuOperatorValues(stack: StackConfig, chosen: Pick<GpuOperatorConfig, "driver" | "driverVersion">) {
	const slicing = timeSlicing(stack);
	const confined = { podSecurityContext: { seccompProfile: { type: "RuntimeDefault" } } };
	return {
		operator: {
			// Deleting the definitions would delete the driver from every node with them.
			cleanupCRD: false,
		},
		driver: driverValues(stack, chosen),
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
		// Of everything that the operator runs on the nodes, in the place of what its manifests tolerate.
		daemonsets: { tolerations: tolerations(stack, cardTaint) },
		// What finds the cards. The operator's own pods, and those that it makes, take no such context.
		"node-feature-discovery": {
			master: confined,
			worker: { ...confined, tolerations: tolerations(stack, controlPlaneTaint, cardTaint) },
			gc: confined,
		},
	};
}

const cardTaint = "nvidia.com/gpu:NoSchedule";

/**
 * For what runs on every node with a card, whatever its taints are.
 *
 * @param defaults what the chart has it tolerate, which its list would replace
 */
function tolerations({ nodes }: StackConfig, ...defaults: string[]) {
	const taints = Object.values(nodes)
		.filter(({ gpu }) => gpu !== undefined)
		.flatMap(nodeTaints);
	const byTaint = [...defaults, ...taints].map(tolerationOf).map((found) => [`${found.key}:${found.effect}`, found]);
	return Object.values(Object.fromEntries(byTaint));
}

/** A driver of the operator's is built and loaded by a container, in the way of one that the node has already. */
function driverValues(
	stack: StackConfig,
	{ driver, driverVersion }: Pick<GpuOperatorConfig, "driver" | "driverVersion">,
) {
	if (driver === "host") {
		return { enabled: false };
	}
	// What the container runs does not agree on capitals.
	const env = Object.entries(proxyVariables(stack)).flatMap(([name, value]) => [
		{ name, value },
		{ name: name.toLowerCase(), value },
	]);
	return { enabled: true, ...(driverVersion === undefined ? {} : { version: driverVersion }), env };
}
