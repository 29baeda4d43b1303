/** The section `cluster.maintenanceWindow` of a stack file: when `up` may restart RKE2 on nodes. */
import { z } from "zod";

/** In the order of ISO 8601: Monday is day 1. */
export const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

/** `HH:MM`, which compares as text. */
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: "must be a time of day such as 01:00" });

export const maintenanceWindow = z
	.strictObject({
		weekday: z.enum(weekdays).describe("Day of the week on which the window opens."),
		weeks: z
			.array(z.int().min(1).max(5))
			.min(1)
			.optional()
			.describe("Weeks of the month: `[3]` is the third such weekday of a month. Default: every week."),
		start: time.describe("Time of day at which the window opens."),
		end: time.describe("Time of day at which the window closes, on the same day."),
		timeZone: z
			.string()
			.refine(isTimeZone, { error: "must be a name of the IANA time zone database such as America/New_York" })
			.default("UTC")
			.describe("Time zone of both times, by its name in the IANA database, such as `America/New_York`."),
	})
	.optional()
	.describe(
		"Time at which `up` may restart RKE2 on members of the cluster. At other times `up` refuses before it changes a node, and the preview announces it. When the window closes during a rollout, the rollout stops after the current node. `RKE2_LAB_IGNORE_WINDOW=yes` lets one `up` continue. Default: any time.",
	);

function isTimeZone(name: string): boolean {
	try {
		new Intl.DateTimeFormat("en", { timeZone: name });
		return true;
	} catch {
		return false;
	}
}
