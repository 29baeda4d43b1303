/** What a stack file may say under `cluster.drain`: how long the pods of a node may take to leave it. */
import { z } from "zod";

interface Limits {
	timeoutSeconds: number;
	gracePeriodSeconds: number;
}

/** Half an hour leaves the step on the node, which has one hour, time for the restart. */
const limits = ({ timeoutSeconds, gracePeriodSeconds }: Limits) => ({
	timeoutSeconds: z
		.int()
		.min(10)
		.max(1800)
		.default(timeoutSeconds)
		.describe(
			"Seconds in which the pods have to leave before RKE2 is restarted. Where they do not, the node takes pods again, nothing is changed, and `up` names the pods and the disruption budgets that refuse.",
		),
	gracePeriodSeconds: z
		.int()
		.min(1)
		.max(1800)
		.default(gracePeriodSeconds)
		.describe("Seconds that a pod gets to end at the most; a shorter period of the pod's own stays."),
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
