/** Every rule in action on the lab stack: it passes the stack as it is, and is the only one to catch its mutation. */
import { beforeAll, describe, expect, test } from "vitest";
import { mutate } from "../../../compliance/commands/mutate.ts";
import { evaluateStack, type PlainResource, toResource } from "../../../compliance/evaluation/evaluate-stack.ts";
import { previewStack } from "../../../compliance/evaluation/preview.ts";
import { mutations } from "../../../compliance/mutations/index.ts";
import { profileNames, readProfile } from "../../../policies/profiles/index.ts";
import { rules } from "../../../policies/rules/index.ts";
import { labValues } from "../../fixtures/lab.ts";

/** A day on which every exception of the profiles holds. */
const today = "2026-12-01";

let lab: PlainResource[];
beforeAll(async () => {
	lab = (await previewStack(labValues())).map(toResource);
}, 60_000);

test("every rule has a mutation", () => {
	expect([...new Set(mutations.map(({ policy }) => policy))].sort()).toEqual(rules.map(({ name }) => name).sort());
});

describe.each(mutations.map((mutation) => ({ mutation, policy: mutation.policy, change: mutation.change })))(
	"$policy",
	({ mutation, policy }) => {
		test(`catches, alone: ${mutation.change}`, () => {
			expect(mutate(mutation, lab, readProfile("lab"), today).violated).toEqual([policy]);
		});
	},
);

test("a mutation of a stack that is not repaired after all is an error", () => {
	const [mutation] = mutations.filter(({ repaired }) => repaired);
	const unrepaired = { ...mutation!, repaired: (resources: PlainResource[]) => resources };
	expect(() => mutate(unrepaired, lab, readProfile("lab"), today)).toThrow(
		`The stack violates ${mutation!.policy} before the change: ${mutation!.change}.`,
	);
});

test.each(profileNames)("the lab stack violates nothing under %s", (name) => {
	const verdicts = evaluateStack(rules, lab, readProfile(name), today);
	expect([...verdicts].filter(([, { violations }]) => violations.length > 0)).toEqual([]);
});
