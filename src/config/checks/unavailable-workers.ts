import { unavailableWorkers } from "../derived/worker-batches.ts";
import type { Problem } from "../read/problems.ts";
import type { StackConfig } from "../schema/stack.ts";

/** Pods that leave a worker need another one that stays. The only worker of a cluster changes all the same. */
export function checkUnavailableWorkers(stack: StackConfig): Problem[] {
	const limit = unavailableWorkers(stack);
	const workers = Object.values(stack.nodes).filter(({ role }) => role === "worker").length;
	if (limit === 1 || limit < workers || workers === 0) {
		return [];
	}
	return [
		{
			key: "cluster.maxUnavailableWorkers",
			message: `is ${stack.cluster.maxUnavailableWorkers}, and the stack has ${workers} worker${workers === 1 ? "" : "s"}: their pods need one that stays, so the limit is ${Math.max(1, workers - 1)}.`,
		},
	];
}
