/** Which workers change at the same time. */
import type { StackConfig } from "../schema/stack.ts";

/** How many workers may be away at the same time. Of a percentage the part of a worker is dropped, and at least one remains. */
export function unavailableWorkers({ cluster, nodes }: Pick<StackConfig, "cluster" | "nodes">): number {
	const limit = cluster.maxUnavailableWorkers;
	if (typeof limit === "number") {
		return limit;
	}
	const workers = Object.values(nodes).filter(({ role }) => role === "worker").length;
	return Math.max(1, Math.floor((workers * Number.parseInt(limit, 10)) / 100));
}

/**
 * The first worker is a batch of its own, so that a change of all workers which breaks one reaches no other.
 *
 * @param size of a batch, at least 1
 */
export function batchesOf<Worker>(workers: readonly Worker[], size: number): Worker[][] {
	const batches = workers.slice(0, 1).map((worker) => [worker]);
	for (let begin = 1; begin < workers.length; begin += size) {
		batches.push(workers.slice(begin, begin + size));
	}
	return batches;
}
