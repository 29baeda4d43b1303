import * as pulumi from "@pulumi/pulumi";
import { isOpen, type MaintenanceWindow, nextOpening } from "../../src/maintenance/window.ts";
import { reasonsToRestart } from "../../src/rke2/rollout.ts";
import { convergedStateIn } from "./converged-state.ts";

/** Lets one `up` go on outside the window. */
export const ignoreWindow = "RKE2_LAB_IGNORE_WINDOW";

/**
 * Refuses to restart RKE2 on a node outside the maintenance window, before the node is touched; a preview only says so. To
 * be bound to the convergence of each node. A restart that cannot be told from the inputs counts as one.
 *
 * @param name unique in the program; the engine names it in front of the sentence
 */
export function keepToMaintenanceWindow(name: string, window: MaintenanceWindow): pulumi.ResourceHook {
	return new pulumi.ResourceHook(
		name,
		async ({ name: resource, oldInputs, newInputs }) => {
			const [runs, wanted] = [convergedStateIn(oldInputs), convergedStateIn(newInputs)];
			if (runs && wanted && reasonsToRestart(runs, wanted).length === 0) {
				return;
			}
			// Loaded by those alone who have a window and a change: it takes a tenth of a second.
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
