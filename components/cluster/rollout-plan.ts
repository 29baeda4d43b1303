import * as pulumi from "@pulumi/pulumi";
import { reasonsToRestart } from "../../src/rke2/rollout.ts";
import { convergedStateIn } from "./converged-state.ts";

/**
 * Says in a preview what the convergence of a node will do there, and why: nodes whose RKE2 restarts, and those that only
 * get other scripts. To be bound to the convergence of each node, in whose order the sentences come.
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

/** @param resource name of the convergence, which begins with that of the node */
function planOf(resource: string, reasons: readonly string[]): string {
	const node = resource.replace(/-converge$/, "");
	return reasons.length === 0
		? `${node}: nothing restarts.`
		: `${node}: the node is drained and RKE2 restarts, because ${reasons.join("; ")}.`;
}
