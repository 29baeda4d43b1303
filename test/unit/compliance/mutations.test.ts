/** Every rule on the lab's stack: the stack itself violates none, and each example violates its own rule alone. */
import { beforeAll, describe, expect, test } from "vitest";
import { evaluateStack, toResource } from "../../../compliance/evaluation/evaluate-stack.ts";
import { previewStack } from "../../../compliance/evaluation/preview.ts";
import { mutantOf, mutate, mutations } from "../../../compliance/mutation/examples.ts";
import { unchanged } from "../../../policies/lib/examples/resources.ts";
import { findViolations } from "../../../policies/lib/rules/evaluate.ts";
import type { Resource } from "../../../policies/lib/rules/resource.ts";
import { profileNames, readProfile } from "../../../policies/profiles/index.ts";
import { rules } from "../../../policies/rules/index.ts";
import { labValues } from "../../fixtures/lab.ts";

/** A day on which every exception of the profiles holds. */
const today = "2026-12-01";

let lab: Resource[];
beforeAll(async () => {
	lab = (await previewStack(labValues())).map(toResource);
}, 60_000);

test("every rule has an example", () => {
	expect([...new Set(mutations.map(({ rule }) => rule.name))].sort()).toEqual(rules.map(({ name }) => name).sort());
});

describe.each(mutations.map((mutation) => ({ ...mutation, policy: mutation.rule.name })))(
	"$policy",
	({ rule, example, policy }) => {
		test(`is the only rule that is violated by: ${example.change}`, () => {
			expect(mutate({ rule, example }, lab, readProfile("lab"), today).violated).toEqual([policy]);
		});

		test(`reports the sentence of its example: ${example.change}`, () => {
			const found = findViolations(rule, mutantOf(example, lab)).map(({ message }) => message);
			expect(found).toContain(example.sentence);
		});
	},
);

test("an example is an error when the stack violates the rule before the change", () => {
	const { rule, example } = mutations.find((mutation) => mutation.example.repaired)!;
	const unrepaired = { ...example, repaired: unchanged };
	expect(() => mutate({ rule, example: unrepaired }, lab, readProfile("lab"), today)).toThrow(
		`The stack violates ${rule.name} before the change: ${example.change}.`,
	);
});

test.each(profileNames)("the lab stack violates nothing under %s", (name) => {
	const verdicts = evaluateStack(rules, lab, readProfile(name), today);
	expect([...verdicts].filter(([, { violations }]) => violations.length > 0)).toEqual([]);
});
