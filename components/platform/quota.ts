import { LimitRange } from "@pulumi/kubernetes/core/v1/limitRange.js";
import { ResourceQuota } from "@pulumi/kubernetes/core/v1/resourceQuota.js";
import type * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema.ts";

type WorkloadNamespace = StackConfig["platform"]["namespaces"][string];

/**
 * What a namespace as a whole may ask for, and what a container of it gets that asks for nothing: without the latter a
 * quota of CPU or memory refuses every such container.
 * https://kubernetes.io/docs/concepts/policy/resource-quotas/
 */
export function limitConsumption(
	namespace: string,
	{ quota, containerDefaults }: WorkloadNamespace,
	opts: pulumi.CustomResourceOptions,
): void {
	new ResourceQuota(
		`${namespace}-quota`,
		{ metadata: { name: "quota", namespace }, spec: { hard: hardLimits(quota) } },
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

function hardLimits({ storageGiB, persistentVolumeClaims, cpus, memoryGiB }: WorkloadNamespace["quota"]) {
	return {
		"requests.storage": `${storageGiB}Gi`,
		persistentvolumeclaims: `${persistentVolumeClaims}`,
		...(cpus !== undefined && { "requests.cpu": `${cpus}` }),
		...(memoryGiB !== undefined && { "requests.memory": `${memoryGiB}Gi` }),
	};
}
