import type { RecordedCluster, RecordedNode } from "../recording/recording.ts";

/**
 * How many workers restart at the same time at the most. The first one restarts alone.
 *
 * @param restarted nodes on which RKE2 restarts
 */
export function workersTogether(
	restarted: readonly string[],
	nodes: readonly RecordedNode[],
	cluster: RecordedCluster | undefined,
): number {
	const workers = nodes.filter(({ role, name }) => role === "worker" && restarted.includes(name));
	return Math.max(1, Math.min(cluster?.unavailableWorkers ?? 1, workers.length - 1));
}
