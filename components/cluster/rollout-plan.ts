import * as pulumi from "@pulumi/pulumi";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import { reasonsToRestart } from "../../src/rke2/rollout.ts";
import { convergedStateIn } from "./converged-state.ts";

/**
 * Prints in a preview whether converging a node restarts RKE2 there, and why. Bind the hook to the converge command of each node:
 * the sentences have the order of the commands.
 *
 * @param name unique in the program
 */
export function announceRollout(name: string): pulumi.ResourceHook {
	return new pulumi.ResourceHook(
		name,
		async ({ name: resource, oldInputs, newInputs }) => {
			const [runs, wanted] = [convergedStateIn(oldInputs), convergedStateIn(newInputs)];
			if (pulumi.runtime.isDryRun() && runs && wanted) {
				await pulumi.log.info(planOf(resource, reasonsToRestart(runs, wanted)));
			}
		},
		{ onDryRun: true },
	);
}

/** @param resource name of the converge command, which begins with the node's name */
function planOf(resource: string, reasons: readonly string[]): string {
	const node = resource.slice(0, -nodeStepName("", "converge").length);
	return reasons.length === 0
		? `${node}: nothing restarts.`
		: `${node}: the node is drained and RKE2 restarts, because ${reasons.join("; ")}.`;
}
