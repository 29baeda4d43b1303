/** Stack files that the check accepts, to put the record to the test: none of them may be refused. */
import fc from "fast-check";
import { parseStack } from "../../src/config/read/parse.ts";
import { stackSchema } from "../../src/config/schema/stack.ts";
import { type Place, places, put, type Values, valid } from "./stack-values.ts";
import { fixedStacks, isLeftOut, type RecordedStack } from "./stacks.ts";

export interface RandomStack extends Pick<RecordedStack, "values" | "secrets"> {
	/** For a person: the stack file that it began as, each change, and the number that makes it again. */
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
		if (isAccepted(candidate)) {
			changed = candidate;
			changes.push(described(path, value));
		}
	}
	return { name: `${seed}, ${name} with ${changes.join("; ")}`, values: changed, ...(secrets && { secrets }) };
}

/** @param count how many, the first for the seed and each of the others for the next number */
export function* randomStacks(seed: number, count: number): Generator<RandomStack> {
	for (let index = 0; index < count; index += 1) {
		yield randomStack(seed + index);
	}
}

/** How many values of its own each key gets. */
const valuesOfKey = 3;

/** How many values are tried to find as many that the check accepts. */
const attempts = 40;

/** Stack files that differ from one of the project in one key alone: once without the key, and with other values of it. */
export function* stacksOfEachKey({ name, values, secrets }: RecordedStack, seed: number): Generator<RandomStack> {
	for (const place of places(stackSchema, values, [])) {
		for (const value of valuesFor(place, values, seed)) {
			const changed = put(values, place.path, value);
			yield { name: `${name} with ${described(place.path, value)}`, values: changed, ...(secrets && { secrets }) };
		}
	}
}

function valuesFor({ path, schema }: Place, values: Values, seed: number): unknown[] {
	const samples = fc.sample(valid(schema), { seed, numRuns: attempts });
	const different = new Map([undefined, ...samples].map((value) => [JSON.stringify(value), value]));
	return [...different.values()].filter((value) => isAccepted(put(values, path, value))).slice(0, valuesOfKey + 1);
}

function isAccepted(values: Values): boolean {
	const { value: stack } = parseStack(values);
	return stack !== undefined && !isLeftOut(stack);
}

function described(path: readonly string[], value: unknown): string {
	return value === undefined ? `no ${path.join(".")}` : `${path.join(".")}: ${JSON.stringify(value)}`;
}
