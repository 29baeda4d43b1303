/** A part of the mutants that has something of every kind. */
import { createHash } from "node:crypto";
import type { Mutant } from "./mutant.ts";

/** How many generated mutants a run without `--all` judges. */
export const sampleSize = 500;

/** The seed of a run that names none: a pull request fails for its own changes, and not for the draw of the day. */
export const usualSeed = 20_261_129;

/**
 * Takes from each type and kind of change in turn.
 *
 * @param seed another one gives another sample
 */
export function sampleOf(mutants: readonly Mutant[], size: number, seed: number): Mutant[] {
	const groups = Map.groupBy(mutants, ({ type, kind, original }) => (original ? `${type} ${kind}` : kind));
	const orders = [...groups.values()].map((group) =>
		group
			.map((mutant) => ({ mutant, order: orderOf(mutant, seed) }))
			.sort((a, b) => (a.order < b.order ? -1 : 1))
			.map(({ mutant }) => mutant),
	);
	const sample: Mutant[] = [];
	for (let round = 0; sample.length < Math.min(size, mutants.length); round++) {
		sample.push(...orders.flatMap((group) => group[round] ?? []));
	}
	return sample.slice(0, size);
}

function orderOf({ stack, type, resource, key }: Mutant, seed: number): string {
	return createHash("sha256").update([seed, stack, type, resource, key].join("\0")).digest("hex");
}
