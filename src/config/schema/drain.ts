/** The section `cluster.drain` of a stack file: timeouts for the pods of a node before its restart. */
import { z } from "zod";

interface Limits {
	timeoutSeconds: number;
	gracePeriodSeconds: number;
}

/** The step on the node has one hour. After the restart its checks may take half an hour, so the drain gets 20 minutes at most. */
const longest = 1200;

const limits = ({ timeoutSeconds, gracePeriodSeconds }: Limits) => ({
	timeoutSeconds: z
		.int()
		.min(10)
		.max(longest)
		.default(timeoutSeconds)
		.describe(
			"Seconds within which all pods must leave the node before RKE2 restarts. After that the node accepts pods again, nothing is changed, and `up` names the remaining pods and the disruption budgets that refuse. Of a node that leaves the cluster its volumes of a storage system must be detached in the same time.",
		),
	gracePeriodSeconds: z
		.int()
		.min(1)
		.max(longest)
		.default(gracePeriodSeconds)
		.describe("Largest grace period of a pod in seconds; a shorter period of the pod itself stays."),
});

export const drain = z
	.strictObject({
		...limits({ timeoutSeconds: 300, gracePeriodSeconds: 120 }),
		gpuNodes: z
			.strictObject(limits({ timeoutSeconds: 600, gracePeriodSeconds: 300 }))
			.prefault({})
			.describe("The same for nodes with a GPU, whose jobs take longer to save their work."),
	})
	.prefault({});
