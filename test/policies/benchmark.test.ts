import { expect, test } from "vitest";
import { controls } from "../../policies/benchmark.ts";
import { rules } from "../../policies/rules/index.ts";

test("every control of the table is decided by a rule of the pack", () => {
	const names = rules.map(({ name }) => name);
	const unfounded = Object.entries(controls).filter(([, { decidedBy }]) => !names.includes(decidedBy.policy));
	expect(unfounded).toEqual([]);
});

test("no two rules share a name", () => {
	expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
});
