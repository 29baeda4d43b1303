import * as pulumi from "@pulumi/pulumi";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import { restartSecondsIn } from "../../src/rke2/restart-time.ts";
import { type ConvergedState, reasonsToRestart } from "../../src/rke2/rollout.ts";
import { goesBack } from "../../src/rke2/unsupported-changes.ts";
import { convergedStateIn } from "./converged-state.ts";
import { convergenceRestarts } from "./maintenance-window.ts";
import { resizedIn } from "./power-cycle.ts";
import { snapshotName } from "./vm-snapshots.ts";

/**
 * Prints in a preview whether converging a node restarts RKE2 or its VM, why, and how long RKE2's last restart took there. Bind the hook
 * to the converge command of each node: the sentences have the order of the commands.
 *
 * @param name unique in the program
 * @param savesVms whether Proxmox takes a snapshot of a VM before
 * @param batches names of the nodes that restart at the same time
 */
export function announceRollout(
	name: string,
	savesVms: boolean,
	batches: readonly (readonly string[])[],
): pulumi.ResourceHook {
	const lastRestarts = new Map<string, number>();
	return new pulumi.ResourceHook(
		name,
		async ({ name: resource, oldInputs, newInputs, oldOutputs }) => {
			const [runs, wanted] = [convergedStateIn(oldInputs), convergedStateIn(newInputs)];
			if (pulumi.runtime.isDryRun() && runs && wanted) {
				const node = resource.slice(0, -nodeStepName("", "converge").length);
				const restart = planOfRke2(runs, wanted);
				const saves = savesVms && convergenceRestarts(oldInputs, newInputs);
				const steps = [
					...(saves ? [`Proxmox takes the snapshot ${snapshotName(oldInputs)} of its VM, without memory`] : []),
					...planOfMachine(resizedIn(oldInputs, newInputs)),
					...restart,
				];
				const seconds = restart.length === 0 ? undefined : restartSecondsIn(oldOutputs?.stdout);
				const time = seconds === undefined ? "" : timeOfRestarts(lastRestarts.set(node, seconds), seconds, batches);
				await pulumi.log.info(`${node}: ${steps.length === 0 ? "nothing restarts" : steps.join("; then ")}.${time}`);
			}
		},
		{ onDryRun: true },
	);
}

/**
 * @param lastRestarts seconds by node, of this node and of those before it, where they are known
 * @param seconds of this node
 * @returns sentences with a blank before them
 */
function timeOfRestarts(
	lastRestarts: ReadonlyMap<string, number>,
	seconds: number,
	batches: readonly (readonly string[])[],
): string {
	const ofBatches = batches.map((batch) => Math.max(0, ...batch.map((node) => lastRestarts.get(node) ?? 0)));
	const minutes = Math.ceil(ofBatches.reduce((sum, one) => sum + one, 0) / 60);
	const upToHere =
		lastRestarts.size === 1 ? "" : ` The ${lastRestarts.size} nodes up to here took about ${minutes} min.`;
	return ` The last restart took ${seconds} s.${upToHere}`;
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
