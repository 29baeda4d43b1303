/** Options of the measurements, and the median of their runs. */
import { parseArgs } from "node:util";
import { UsageError } from "../src/commands/command.ts";

/** @returns the number of runs, 3 by default */
export function readOptions(): { runs: number } {
	const { values } = parseArgs({ options: { runs: { type: "string", default: "3" } } });
	const runs = Number(values.runs);
	if (!Number.isInteger(runs) || runs < 1) {
		throw new UsageError(`--runs must be a whole number from 1, found ${values.runs}`);
	}
	return { runs };
}

export function median(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
