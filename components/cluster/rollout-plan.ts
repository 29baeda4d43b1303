import * as pulumi from "@pulumi/pulumi";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import { type ConvergedState, reasonsToRestart } from "../../src/rke2/rollout.ts";
import { goesBack } from "../../src/rke2/unsupported-changes.ts";
import { convergedStateIn } from "./converged-state.ts";
import { resizedIn } from "./power-cycle.ts";

/**
 * Prints in a preview whether converging a node restarts RKE2 or its VM, and why. Bind the hook to the converge command of each node:
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
				const node = resource.slice(0, -nodeStepName("", "converge").length);
				const steps = [...planOfMachine(resizedIn(oldInputs, newInputs)), ...planOfRke2(runs, wanted)];
				await pulumi.log.info(`${node}: ${steps.length === 0 ? "nothing restarts" : steps.join("; then ")}.`);
			}
		},
		{ onDryRun: true },
	);
}

function planOfMachine(resized: readonly string[]): string[] {
	return resized.length === 0 ? [] : [`the node is drained and its VM restarts, because ${resized.join("; ")}`];
}

function planOfRke2(runs: ConvergedState, wanted: ConvergedState): string[] {
	if (goesBack(runs.version, wanted.version)) {
		return [
			`the restore of etcd brings RKE2 ${wanted.version} in the place of ${runs.version}, and the node is not drained`,
		];
	}
	const reasons = reasonsToRestart(runs, wanted);
	return reasons.length === 0 ? [] : [`the node is drained and RKE2 restarts, because ${reasons.join("; ")}`];
}
