/**
 * Schedules as RKE2 reads them. RKE2 ignores a malformed schedule without a message.
 * https://pkg.go.dev/github.com/robfig/cron/v3#hdr-CRON_Expression_Format
 */

interface Field {
	/** Name for messages. */
	name: string;
	/** Allowed values, for messages. */
	allowed: string;
	first: number;
	last: number;
	/** Names of its values, beginning with the first. */
	names?: readonly string[];
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/** Largest number of days of each month. */
const daysOfMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const fields: readonly Field[] = [
	{ name: "a minute (field 1)", allowed: "0 to 59", first: 0, last: 59 },
	{ name: "an hour (field 2)", allowed: "0 to 23", first: 0, last: 23 },
	{ name: "a day of the month (field 3)", allowed: "1 to 31", first: 1, last: 31 },
	{ name: "a month (field 4)", allowed: "1 to 12 or jan to dec", first: 1, last: 12, names: months },
	{
		name: "a day of the week (field 5)",
		allowed: "0 (Sunday) to 6 or sun to sat",
		first: 0,
		last: 6,
		names: weekdays,
	},
];

const macros: Readonly<Record<string, string>> = {
	"@hourly": "0 * * * *",
	"@daily": "0 0 * * *",
	"@midnight": "0 0 * * *",
	"@weekly": "0 0 * * 0",
	"@monthly": "0 0 1 * *",
	"@yearly": "0 0 1 1 *",
	"@annually": "0 0 1 1 *",
};

export const scheduleMacros: readonly string[] = Object.keys(macros);

/** Five fields of any content, or a macro. */
export const schedulePattern = new RegExp(`^((\\S+\\s+){4}\\S+|${scheduleMacros.join("|")})$`);

/** @returns a requirement for each wrong field of a text that {@link schedulePattern} accepts */
export function scheduleMistakes(text: string): string[] {
	const values = valuesOfFields(text);
	const malformed = fields.filter((_, index) => values[index]?.size === 0);
	if (malformed.length > 0) {
		return malformed.map(({ name, allowed }) => `must have ${name} of ${allowed}`);
	}
	return values.length > 0 && !dayExists(values)
		? ["must have a day of the month (field 3) that exists in its months (field 4)"]
		: [];
}

/** @returns how often a schedule runs on every day: 0 when it omits days, nothing for a malformed text */
export function runsPerDay(text: string): number | undefined {
	const values = valuesOfFields(text);
	const [minutes, hours, ...days] = values;
	if (!minutes || !hours || values.some(({ size }) => size === 0)) {
		return undefined;
	}
	const daily = days.every(({ size }, index) => {
		const { first, last } = fields[index + 2]!;
		return size === last - first + 1;
	});
	return daily ? minutes.size * hours.size : 0;
}

/** The values of each field: an empty set for a malformed field, an empty list when there are not five fields. */
function valuesOfFields(text: string): Set<number>[] {
	const parts = (macros[text] ?? text).trim().split(/\s+/);
	return parts.length === fields.length ? fields.map((field, index) => valuesOf(parts[index]!, field)) : [];
}

/** `*`, `?`, `5`, `5-20` or `mon-fri`, each with an optional step after a slash; several with commas between. */
function valuesOf(text: string, field: Field): Set<number> {
	const { first, last } = field;
	const values = new Set<number>();
	for (const part of text.split(",")) {
		const [, any, from, to, step] = /^(?:([*?])|(\d+|[a-z]+)(?:-(\d+|[a-z]+))?)(?:\/(\d+))?$/i.exec(part) ?? [];
		const start = any ? first : numberOf(from, field);
		const end = any || (step && !to) ? last : numberOf(to ?? from, field);
		const width = Number(step ?? 1);
		if (!(start >= first && end <= last && start <= end && width > 0)) {
			return new Set();
		}
		for (let value = start; value <= end; value += width) {
			values.add(value);
		}
	}
	return values;
}

/** @returns NaN for a text that is neither a number nor a name */
function numberOf(text: string | undefined, { first, names = [] }: Field): number {
	const index = names.indexOf(text?.toLowerCase() ?? "");
	return index < 0 ? Number(text) : first + index;
}

/** Whether such a day exists. When both kinds of days are restricted, a day of the week is enough by itself. */
function dayExists([, , days, ofMonths, ofWeek]: Set<number>[]): boolean {
	const earliest = Math.min(...days!);
	return ofWeek!.size < weekdays.length || [...ofMonths!].some((month) => earliest <= daysOfMonths[month - 1]!);
}
