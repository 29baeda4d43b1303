import { batchesOf } from "../../src/config/derived/worker-batches.ts";
import type { RecordedCluster, RecordedNode } from "../recording/recording.ts";

/**
 * How many workers restart at the same time at the most.
 *
 * @param restarted nodes on which RKE2 restarts
 */
export function workersTogether(
	restarted: readonly string[],
	nodes: readonly RecordedNode[],
	cluster: RecordedCluster | undefined,
): number {
	const workers = nodes.filter(({ role }) => role === "worker");
	const batches = batchesOf(workers, cluster?.unavailableWorkers ?? 1);
	return Math.max(1, ...batches.map((batch) => batch.filter(({ name }) => restarted.includes(name)).length));
}
