import * as pulumi from "@pulumi/pulumi";
import { isOpen, type MaintenanceWindow, nextOpening } from "../../src/maintenance/window.ts";
import { reasonsToRestart } from "../../src/rke2/rollout.ts";
import { convergedStateIn } from "./converged-state.ts";

/** Environment variable that lets one `up` restart nodes outside the window. */
export const ignoreWindow = "RKE2_LAB_IGNORE_WINDOW";

/**
 * Refuses to restart RKE2 on a node outside the maintenance window, before the node changes; a preview only warns. Bind the hook to
 * the converge command of each node. When the inputs do not show whether RKE2 restarts, the hook assumes that it does.
 *
 * @param name unique in the program; the engine prints it before the sentence
 */
export function keepToMaintenanceWindow(name: string, window: MaintenanceWindow): pulumi.ResourceHook {
	return new pulumi.ResourceHook(
		name,
		async ({ name: resource, oldInputs, newInputs }) => {
			const [runs, wanted] = [convergedStateIn(oldInputs), convergedStateIn(newInputs)];
			if (runs && wanted && reasonsToRestart(runs, wanted).length === 0) {
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
