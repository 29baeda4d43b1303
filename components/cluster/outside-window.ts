import * as pulumi from "@pulumi/pulumi";
import { isOpen, type MaintenanceWindow, nextOpening } from "../../src/maintenance/window.ts";

/** Environment variable that lets one `up` restart nodes outside the window. */
const ignoreWindow = "RKE2_LAB_IGNORE_WINDOW";

/**
 * A preview only warns.
 *
 * @param resource whose update restarts a node
 * @throws Error when the window is closed
 */
export async function refuseOutside(window: MaintenanceWindow, resource: string): Promise<void> {
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
}
