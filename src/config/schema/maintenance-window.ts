/** What a stack file may say under `cluster.maintenanceWindow`: when nodes may be restarted. */
import { z } from "zod";

const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

/** `HH:MM`, which compares as text. */
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: "must be a time of day such as 01:00" });

export const maintenanceWindow = z
	.strictObject({
		weekday: z.enum(weekdays).describe("The day of the week on which it opens."),
		weeks: z
			.array(z.int().min(1).max(5))
			.min(1)
			.optional()
			.describe("Which of the month's days of that name: `[3]` is the third. Every one where it is left out."),
		start: time.describe("Time of day at which it opens."),
		end: time.describe("Time of day at which it closes, on the same day."),
		timeZone: z
			.string()
			.refine(isTimeZone, { error: "must be a name of the IANA time zone database such as America/New_York" })
			.default("UTC")
			.describe("Time zone of both times, by its name in the IANA database, such as `America/New_York`."),
	})
	.optional()
	.describe(
		"When `up` may restart RKE2 on members. At other times it refuses before it changes a node, and the preview says so; a rollout that is under way when the window closes stops after the node at hand. `RKE2_LAB_IGNORE_WINDOW=yes` lets one `up` go on. Any time where it is left out.",
	);

function isTimeZone(name: string): boolean {
	try {
		new Intl.DateTimeFormat("en", { timeZone: name });
		return true;
	} catch {
		return false;
	}
}
