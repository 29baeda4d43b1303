/** When a maintenance window is open. */
import type { Temporal } from "temporal-polyfill";
import { weekdays } from "../config/schema/maintenance-window.ts";
import type { StackConfig } from "../config/schema/stack.ts";

export type MaintenanceWindow = NonNullable<StackConfig["cluster"]["maintenanceWindow"]>;

/** A year is enough: some of its months have a fifth Sunday, and likewise a fifth of each other weekday. */
const daysToSearch = 366;

/** @param now in any time zone */
export function isOpen(window: MaintenanceWindow, now: Temporal.ZonedDateTime): boolean {
	const local = now.withTimeZone(window.timeZone);
	const time = local.toPlainTime().toString({ smallestUnit: "minute" });
	return isOnDay(window, local) && time >= window.start && time < window.end;
}

/** The next opening after that time, in the window's own time zone. */
export function nextOpening(window: MaintenanceWindow, after: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
	const today = after.withTimeZone(window.timeZone);
	for (let days = 0; days <= daysToSearch; days++) {
		const opening = today.add({ days }).withPlainTime(window.start);
		if (isOnDay(window, opening) && opening.epochMilliseconds > after.epochMilliseconds) {
			return opening;
		}
	}
	throw new RangeError("The maintenance window does not open within a year.");
}

function isOnDay({ weekday, weeks }: MaintenanceWindow, { day, dayOfWeek }: Temporal.ZonedDateTime): boolean {
	return weekdays[dayOfWeek - 1] === weekday && (weeks === undefined || weeks.includes(Math.ceil(day / 7)));
}
