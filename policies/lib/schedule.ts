/** Cron schedules of five fields, as RKE2 reads them: https://pkg.go.dev/github.com/robfig/cron/v3 */

/** Of each field, the first value and the last one. */
const ranges = [
	[0, 59],
	[0, 23],
	[1, 31],
	[1, 12],
	[0, 6],
] as const;

/**
 * How often a schedule comes round on every day: 0 for one that leaves days out, nothing for a text that is no schedule.
 * Months and days of the week by their names count as days that are left out.
 */
export function runsPerDay(schedule: string): number | undefined {
	const fields = schedule.trim().split(/\s+/);
	const [minutes, hours, ...days] = ranges.map(([first, last], index) => valuesOf(fields[index] ?? "", first, last));
	if (fields.length !== ranges.length || !minutes || !hours) {
		return undefined;
	}
	const daily = days.every((values, index) => {
		const [first, last] = ranges[index + 2]!;
		return values?.size === last - first + 1;
	});
	return daily ? minutes.size * hours.size : 0;
}

/** `*`, `?`, `5`, `5-20`, each with a step behind a slash or without; several behind commas. */
function valuesOf(field: string, first: number, last: number): Set<number> | undefined {
	const values = new Set<number>();
	for (const part of field.split(",")) {
		const [, any, from, to, step] = /^(?:([*?])|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part) ?? [];
		const start = any ? first : Number(from);
		const end = any || (step && !to) ? last : Number(to ?? from);
		const width = Number(step ?? 1);
		if (!(start >= first && end <= last && start <= end && width > 0)) {
			return undefined;
		}
		for (let value = start; value <= end; value += width) {
			values.add(value);
		}
	}
	return values;
}
