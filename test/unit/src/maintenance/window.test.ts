import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import { isOpen, type MaintenanceWindow, nextOpening } from "../../../../src/maintenance/window.ts";

const at = (instant: string) => Temporal.Instant.from(instant).toZonedDateTimeISO("UTC");

/** The lab's policy: every third Sunday of a month, 01:00 to 05:00 Eastern Time. */
const lab: MaintenanceWindow = {
	weekday: "sunday",
	weeks: [3],
	start: "01:00",
	end: "05:00",
	timeZone: "America/New_York",
};
const everySunday: MaintenanceWindow = { weekday: "sunday", start: "01:00", end: "05:00", timeZone: "UTC" };

describe("a maintenance window", () => {
	test.each<[string, MaintenanceWindow, string, boolean]>([
		["is closed in the minute before its start", lab, "2026-12-20T05:59:59Z", false],
		["is open at its start", lab, "2026-12-20T06:00:00Z", true],
		["is open in its last minute", lab, "2026-12-20T09:59:59Z", true],
		["is closed at its end", lab, "2026-12-20T10:00:00Z", false],
		["follows daylight saving time", lab, "2026-07-19T05:00:00Z", true],
		["is closed on another Sunday of the month", lab, "2026-12-13T07:00:00Z", false],
		["is closed on another day of the week", everySunday, "2026-12-21T02:00:00Z", false],
		["is open on each Sunday where no week is named", everySunday, "2026-12-13T02:00:00Z", true],
	])("%s", (_, window, instant, open) => {
		expect(isOpen(window, at(instant))).toBe(open);
	});

	test.each<[string, MaintenanceWindow, string, string]>([
		["later on the same day", lab, "2026-12-20T05:00:00Z", "2026-12-20T01:00"],
		["in the next month once it was open", lab, "2026-12-20T06:00:00Z", "2027-01-17T01:00"],
		[
			"in a month that has a fifth such day",
			{ ...everySunday, weeks: [5] },
			"2026-12-01T00:00:00Z",
			"2027-01-31T01:00",
		],
	])("opens next %s", (_, window, after, opening) => {
		expect(nextOpening(window, at(after)).toPlainDateTime().toString({ smallestUnit: "minute" })).toBe(opening);
	});
});
