/** Options of the measurements. */
import { parseArgs } from "node:util";
import { resultFor, sayTo, UsageError } from "../src/commands/command.ts";

export interface BenchOptions {
	/** Number of runs for the median. */
	runs: number;
	say: (line: string) => void;
	writeResult: (result: unknown) => void;
}

export function readOptions(): BenchOptions {
	const { values } = parseArgs({ options: { json: { type: "string" }, runs: { type: "string", default: "3" } } });
	const runs = Number(values.runs);
	if (!Number.isInteger(runs) || runs < 1) {
		throw new UsageError(`--runs must be a whole number from 1, found ${values.runs}`);
	}
	return { runs, say: sayTo(values.json), writeResult: resultFor(values.json) };
}
