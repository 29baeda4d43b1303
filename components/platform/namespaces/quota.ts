import { LimitRange } from "@pulumi/kubernetes/core/v1/limitRange.js";
import { ResourceQuota } from "@pulumi/kubernetes/core/v1/resourceQuota.js";
import type * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../../src/config/schema/stack.ts";

type Quota = StackConfig["platform"]["namespaces"][string]["quota"];

/**
 * What a namespace as a whole may ask for, and what a container of it gets that asks for nothing: without the latter a
 * quota of CPU or memory refuses every such container.
 * https://kubernetes.io/docs/concepts/policy/resource-quotas/
 */
export function limitConsumption(namespace: string, stack: StackConfig, opts: pulumi.CustomResourceOptions): void {
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

function hardLimits({ storageGiB, persistentVolumeClaims, ...quota }: Quota, stack: StackConfig) {
	const { pods, cpus, memoryGiB } = { ...capacity(stack), ...definedIn(quota) };
	return {
		"requests.storage": `${storageGiB}Gi`,
		persistentvolumeclaims: `${persistentVolumeClaims}`,
		pods: `${pods}`,
		"requests.cpu": `${cpus}`,
		"requests.memory": `${memoryGiB}Gi`,
	};
}

/** Pods that a kubelet takes, where nobody tells it another number. */
const podsPerNode = 110;

/**
 * What all nodes together hold that take pods of workloads, the limit of a namespace that names none: it refuses nothing
 * that runs already, and what goes beyond it could never run.
 */
function capacity({ nodes }: StackConfig): Required<Pick<Quota, "pods" | "cpus" | "memoryGiB">> {
	const all = Object.values(nodes);
	const workers = all.filter(({ role }) => role === "worker");
	const taking = workers.length > 0 ? workers : all;
	const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);
	return {
		pods: podsPerNode * taking.length,
		cpus: sum(taking.map(({ cpus }) => cpus)),
		memoryGiB: sum(taking.map(({ memoryGiB }) => memoryGiB)),
	};
}

function definedIn<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
	return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
