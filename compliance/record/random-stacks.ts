/** Random stack files that the check accepts, to put the record to the test: none of them may be refused. */
import fc from "fast-check";
import { parseStack } from "../../src/config/read/parse.ts";
import { stackSchema } from "../../src/config/schema/stack.ts";
import { places, put, type Values, valid } from "./stack-values.ts";
import { fixedStacks, isLeftOut, type RecordedStack } from "./stacks.ts";

export interface RandomStack extends Pick<RecordedStack, "values" | "secrets"> {
	/** For a person: the number that makes it again, the stack file that it began as, and each change. */
	name: string;
}

/** More changes hide each other: a map of its own replaces all changed entries of the map before. */
const mostChanges = 14;

/** @param seed a number that makes the same stack file each time */
export function randomStack(seed: number): RandomStack {
	const bases = fixedStacks();
	const { name, values, secrets } = bases[seed % bases.length]!;
	const [picks = []] = fc.sample(fc.array(fc.nat(), { minLength: 1, maxLength: mostChanges, size: "max" }), {
		seed,
		numRuns: 1,
	});
	let changed: Values = values;
	const changes: string[] = [];
	for (const [index, pick] of picks.entries()) {
		const all = places(stackSchema, changed, []);
		const { path, schema } = all[pick % all.length]!;
		const [value] = fc.sample(valid(schema), { seed: seed * 100 + index, numRuns: 1 });
		const candidate = put(changed, path, value);
		const { value: stack } = parseStack(candidate);
		if (stack && !isLeftOut(stack)) {
			changed = candidate;
			changes.push(`${path.join(".")}: ${JSON.stringify(value)}`);
		}
	}
	return { name: `${seed}, ${name} with ${changes.join("; ")}`, values: changed, ...(secrets && { secrets }) };
}
