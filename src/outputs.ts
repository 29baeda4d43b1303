/** What `pulumi stack output` tells a person about the cluster. */
import type { StackConfig } from "./config/schema/stack.ts";

export interface NodeRow {
	role: string;
	host: string;
	vmId: number;
	address: string;
	gpu?: string;
}

export function nodeTable({ nodes, gpus }: StackConfig): Record<string, NodeRow> {
	return Object.fromEntries(
		Object.entries(nodes).map(([name, { role, host, vmId, address, gpu }]) => [
			name,
			{ role, host, vmId, address, ...(gpu ? { gpu: gpus[gpu.mapping]?.model ?? gpu.mapping } : {}) },
		]),
	);
}

export function versionTable({ cluster, platform }: StackConfig): Record<string, string> {
	return {
		rke2: cluster.version,
		traefik: platform.traefik.version,
		...(platform.certManager && { "cert-manager": platform.certManager.version }),
		...(platform.metallb && { metallb: platform.metallb.version }),
		...(platform.gpuOperator && { "gpu-operator": platform.gpuOperator.version }),
	};
}
