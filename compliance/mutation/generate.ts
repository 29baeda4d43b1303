/** All mutants of the stack files that the project has: the lab and the examples. */

import { recordedName } from "../../policies/lib/record/known-resources.ts";
import type { Resource } from "../../policies/lib/rules/resource.ts";
import { toResource } from "../evaluation/evaluate-stack.ts";
import { previewStack } from "../evaluation/preview.ts";
import { existingOutputs } from "../record/outputs.ts";
import { additionsTo } from "./additions.ts";
import type { Mutant } from "./mutant.ts";
import { changesOfLines } from "./node-files.ts";
import { changesOfProperties } from "./properties.ts";

/** What a stack file declares, once for a new and once for a running cluster. */
export interface DeclaredStack {
	/** The stack file, with a word for a running cluster. */
	name: string;
	resources: readonly Resource[];
}

/** @param values of the stack file, by key without the project's name */
export async function declaredStacks(
	name: string,
	values: Readonly<Record<string, unknown>>,
): Promise<DeclaredStack[]> {
	return [
		{ name, resources: (await previewStack(values)).map(toResource) },
		{ name: `${name}, running`, resources: (await previewStack(values, {}, existingOutputs())).map(toResource) },
	];
}

/**
 * Two resources of a kind with an equal value give one mutant: what decides it is the value, the place and the recorded shape.
 *
 * @param seed of the values at random
 */
export function mutantsOf(stacks: readonly DeclaredStack[], seed: number): Mutant[] {
	const seen = new Set<string>();
	const isFirst = (key: string) => !seen.has(key) && seen.add(key) !== undefined;
	return stacks.flatMap(({ name, resources }) =>
		[
			...resources.flatMap((resource) => [
				...changesOfProperties(name, resource, seed),
				...changesOfLines(name, resource, seed),
			]),
			...additionsTo(name, resources, seed),
		].filter(({ type, resource, key }) => isFirst(`${type} ${recordedName(type, resource) ?? ""} ${key}`)),
	);
}
