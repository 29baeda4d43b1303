/** The record refuses no stack file that the check accepts; `npm run policy:record -- --try N --seed S` tries more of them. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { originsOf } from "../../../../compliance/record/origins.ts";
import { randomStacks } from "../../../../compliance/record/random-stacks.ts";
import { isPresent, places, put } from "../../../../compliance/record/stack-values.ts";
import { type RecordedStack, recordedStacks, simplestAndFullest } from "../../../../compliance/record/stacks.ts";
import { tryRecord } from "../../../../compliance/record/try-record.ts";
import { parseStack } from "../../../../src/config/read/parse.ts";
import { stackSchema } from "../../../../src/config/schema/stack.ts";

const seed = 20_261_130;

let made: readonly RecordedStack[] | undefined;

/** Made once: this takes a minute. */
function recorded(): readonly RecordedStack[] {
	made ??= recordedStacks();
	return made;
}

// The program prints the warnings of the check, once for each stack.
beforeAll(() => {
	for (const method of ["warn", "error"] as const) {
		vi.spyOn(console, method).mockReturnValue(undefined);
	}
});
afterAll(() => {
	vi.restoreAllMocks();
});

test("the record refuses none of 5 random stack files", { timeout: 600_000 }, async () => {
	expect((await tryRecord(randomStacks(seed, 5))).refused, `seed ${seed}`).toEqual([]);
});

/** Keys whose values the check ties to the lab or to a file: another value is refused, or has the same form. */
const withOneValue = [
	".access.oidc.issuerCa",
	".cluster.etcdSnapshots.s3.endpointCa",
	".cluster.registries.authorities.*",
	".ssh.authorizedKeys.*",
	".ssh.bastion.hostKey",
	".ssh.hostKeys.*",
];

test("each key of the schema has several values in the recorded stack files", { timeout: 600_000 }, () => {
	const values = new Map<string, Set<string | number>>();
	for (const { stack } of recorded()) {
		const { texts, numbers } = originsOf(stack);
		for (const [value, keys] of [...texts.map(({ text, keys }) => [text, keys] as const), ...numbers]) {
			for (const { path } of keys) {
				values.set(path, (values.get(path) ?? new Set()).add(value));
			}
		}
	}
	const single = [...values].filter(([path, { size }]) => size < 2 && !path.includes("(")).map(([path]) => path);
	expect(single.sort()).toEqual(withOneValue);
});

test("each optional key of the fullest stack file is absent in a recorded one that has its section", {
	timeout: 600_000,
}, () => {
	const { values } = simplestAndFullest()[1]!;
	const optional = places(stackSchema, values, [])
		.map(({ path }) => path)
		.filter((path) => isPresent(values, path) && parseStack(put(values, path, undefined)).value);
	const always = optional.filter(
		(path) => !recorded().some((other) => isPresent(other.values, path.slice(0, -1)) && !isPresent(other.values, path)),
	);
	expect(optional.length).toBeGreaterThan(120);
	expect(always).toEqual([]);
});
