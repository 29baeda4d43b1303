import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { isOpen, type MaintenanceWindow, nextOpening } from "../../src/maintenance/window.ts";
import { reasonsToRestart } from "../../src/rke2/rollout.ts";
import { goesBack } from "../../src/rke2/unsupported-changes.ts";
import { convergedStateIn } from "./converged-state.ts";
import { resizedIn } from "./power-cycle.ts";

/** Environment variable that lets one `up` restart nodes outside the window. */
export const ignoreWindow = "RKE2_LAB_IGNORE_WINDOW";

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
			// Loaded only for a stack with a window and a change, because loading takes a tenth of a second.
			const { Temporal } = await import("temporal-polyfill");
			const now = Temporal.Now.zonedDateTimeISO();
			if (isOpen(window, now)) {
				return;
			}
			const opening = nextOpening(window, now).toPlainDateTime().toString({ smallestUnit: "minute" }).replace("T", " ");
			const sentence = `${resource}: cluster.maintenanceWindow is closed and opens on ${opening} ${window.timeZone}`;
			if (pulumi.runtime.isDryRun() || process.env[ignoreWindow] === "yes") {
				await pulumi.log.warn(`${sentence}.`);
				return;
			}
			throw new Error(
				`${sentence}; this node was not changed. Run \`up\` again when it is open, or set ${ignoreWindow}=yes for one \`up\`.`,
			);
		},
		{ onDryRun: true },
	);
}
