/** The outputs of `pulumi stack output` that describe the cluster. */
import { chartPins } from "./config/derived/chart-pins.ts";
import type { StackConfig } from "./config/schema/stack.ts";

export interface NodeRow {
	role: string;
	host: string;
	vmId: number;
	address: string;
	gpu?: string;
}

export function nodeTable({ nodes, gpus }: Pick<StackConfig, "nodes" | "gpus">): Record<string, NodeRow> {
	return Object.fromEntries(
		Object.entries(nodes).map(([name, { role, host, vmId, address, gpu }]) => [
			name,
			{ role, host, vmId, address, ...(gpu ? { gpu: gpus[gpu.mapping]?.model ?? gpu.mapping } : {}) },
		]),
	);
}

export function versionTable({ cluster, platform }: Pick<StackConfig, "cluster" | "platform">): Record<string, string> {
	const charts = Object.entries(chartPins(platform)).map(([chart, { version }]) => [chart, version]);
	return { rke2: cluster.version, ...Object.fromEntries(charts) };
}
