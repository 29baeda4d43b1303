/** The median of several runs, and the table of a measurement. */

export interface Row<Key extends string> {
	key: Key;
	label: string;
	/** Absent for a ratio. */
	unit?: "s" | "MiB";
	target?: number;
}

/**
 * Prints the median of each figure beside its target.
 *
 * @param measured the figures of each run
 * @returns the medians
 */
export function printMedians<Key extends string>(
	rows: readonly Row<Key>[],
	measured: readonly Readonly<Record<Key, number>>[],
	say: (line: string) => void,
): Partial<Record<Key, number>> {
	const medians: Partial<Record<Key, number>> = {};
	say("| | Measured | Target |\n|---|---|---|");
	for (const { key, label, unit, target } of rows) {
		const figure = median(measured.map((one) => one[key]));
		medians[key] = figure;
		const digits = { s: 1, MiB: 0, ratio: 2 }[unit ?? "ratio"];
		const of = (value: string) => (unit ? `${value} ${unit}` : value);
		say(
			`| ${label} | ${of(figure.toFixed(digits))} | ${target === undefined ? "" : of(unit ? `${target}` : target.toFixed(digits))} |`,
		);
	}
	return medians;
}

export function median(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
