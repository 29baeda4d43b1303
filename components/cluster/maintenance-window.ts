import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import type { MaintenanceWindow } from "../../src/maintenance/window.ts";
import { reasonsToRestart } from "../../src/rke2/rollout.ts";
import { goesBack } from "../../src/rke2/unsupported-changes.ts";
import { convergedStateIn } from "./converged-state.ts";
import { refuseOutside } from "./outside-window.ts";
import { resizedIn } from "./power-cycle.ts";

type Inputs = Record<string, unknown> | undefined;

/**
 * Whether an update of a converge command restarts RKE2 or the VM. When the inputs do not show it, the answer is yes. A restore has
 * brought an older minor already, and keeps to no window.
 */
export function convergenceRestarts(oldInputs: Inputs, newInputs: Inputs): boolean {
	const [runs, wanted] = [convergedStateIn(oldInputs), convergedStateIn(newInputs)];
	if (!runs || !wanted || resizedIn(oldInputs, newInputs).length > 0) {
		return true;
	}
	return !goesBack(runs.version, wanted.version) && reasonsToRestart(runs, wanted).length > 0;
}

/** Whether an update of a server's token command brings other tokens, with which RKE2 then has to restart. */
export function tokensDiffer(oldInputs: Inputs, newInputs: Inputs): boolean {
	return !isDeepStrictEqual(oldInputs?.stdin, newInputs?.stdin);
}

/**
 * Refuses to restart RKE2 on a node outside the maintenance window, before the node changes; a preview only warns. Bind the hook to
 * the converge command of each node, and to the commands that begin with such a change.
 *
 * @param name unique in the program; the engine prints it before the sentence
 * @param restarts whether an update restarts RKE2, now or later in the same `up`
 */
export function keepToMaintenanceWindow(
	name: string,
	window: MaintenanceWindow,
	restarts: (oldInputs: Inputs, newInputs: Inputs) => boolean,
): pulumi.ResourceHook {
	return new pulumi.ResourceHook(
		name,
		async ({ name: resource, oldInputs, newInputs }) => {
			if (!restarts(oldInputs, newInputs)) {
				return;
			}
			await refuseOutside(window, resource);
		},
		{ onDryRun: true },
	);
}
