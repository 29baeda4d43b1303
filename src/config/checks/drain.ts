import type { Problem } from "../read/problems.ts";
import type { StackConfig } from "../schema/stack.ts";

/** A pod with a grace period longer than the timeout of the drain would block every change of its node. */
export function checkDrain({ cluster: { drain } }: StackConfig): Problem[] {
	const limits = { "cluster.drain": drain, "cluster.drain.gpuNodes": drain.gpuNodes };
	return Object.entries(limits)
		.filter(([, { timeoutSeconds, gracePeriodSeconds }]) => gracePeriodSeconds >= timeoutSeconds)
		.map(([key, { timeoutSeconds, gracePeriodSeconds }]) => ({
			key: `${key}.gracePeriodSeconds`,
			message: `is ${gracePeriodSeconds}, but ${key}.timeoutSeconds gives all pods ${timeoutSeconds} s to leave; it must be less.`,
		}));
}
