import { LimitRange } from "@pulumi/kubernetes/core/v1/limitRange.js";
import { ResourceQuota } from "@pulumi/kubernetes/core/v1/resourceQuota.js";
import type * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../../src/config/schema/stack.ts";

type Quota = StackConfig["platform"]["namespaces"][string]["quota"];

/**
 * Limits what a namespace as a whole may request, and sets defaults for containers that request nothing: without defaults a
 * quota of CPU or memory refuses every such container.
 * https://kubernetes.io/docs/concepts/policy/resource-quotas/
 */
export function limitConsumption(
	namespace: string,
	stack: Pick<StackConfig, "nodes" | "platform">,
	opts: pulumi.CustomResourceOptions,
): void {
	const { quota, containerDefaults } = stack.platform.namespaces[namespace]!;
	new ResourceQuota(
		`${namespace}-quota`,
		{ metadata: { name: "quota", namespace }, spec: { hard: hardLimits(quota, stack) } },
		opts,
	);
	new LimitRange(
		`${namespace}-container-defaults`,
		{
			metadata: { name: "container-defaults", namespace },
			spec: {
				limits: [{ type: "Container", defaultRequest: containerDefaults.requests, default: containerDefaults.limits }],
			},
		},
		opts,
	);
}

function hardLimits({ storageGiB, persistentVolumeClaims, ...quota }: Quota, stack: Pick<StackConfig, "nodes">) {
	const { pods, cpus, memoryGiB } = { ...capacity(stack), ...definedIn(quota) };
	return {
		"requests.storage": `${storageGiB}Gi`,
		persistentvolumeclaims: `${persistentVolumeClaims}`,
		pods: `${pods}`,
		"requests.cpu": `${cpus}`,
		"requests.memory": `${memoryGiB}Gi`,
	};
}

/** Pods that a kubelet accepts by default. */
const podsPerNode = 110;

/**
 * The capacity of all nodes that run pods of workloads. It is the limit of a namespace without one in the stack file: it refuses
 * no running pod, and no pod that could run.
 */
function capacity({ nodes }: Pick<StackConfig, "nodes">): Required<Pick<Quota, "pods" | "cpus" | "memoryGiB">> {
	const all = Object.values(nodes);
	const workers = all.filter(({ role }) => role === "worker");
	const running = workers.length > 0 ? workers : all;
	const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);
	return {
		pods: podsPerNode * running.length,
		cpus: sum(running.map(({ cpus }) => cpus)),
		memoryGiB: sum(running.map(({ memoryGiB }) => memoryGiB)),
	};
}

function definedIn<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
	return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
