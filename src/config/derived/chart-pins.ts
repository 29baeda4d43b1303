/** Which package of each chart the stack file pins. */
import { addOnEntries, type ChartName } from "../../facts/add-ons.ts";
import type { StackConfig } from "../schema/stack.ts";

export interface ChartPin {
	/** Exact version, as the repository's index has it. */
	version: string;
	sha256: string | undefined;
	/** Key of the stack file that `sha256` stands under. */
	digestKey: string;
}

/** By the chart's name; charts without a key in the stack file are not there. */
export function chartPins(platform: StackConfig["platform"]): Partial<Record<ChartName, ChartPin>> {
	return Object.fromEntries(
		addOnEntries.flatMap(([key, { chart }]) => {
			const { version, sha256 } = platform[key] ?? {};
			return version === undefined ? [] : [[chart, { version, sha256, digestKey: `platform.${key}.sha256` }]];
		}),
	);
}
