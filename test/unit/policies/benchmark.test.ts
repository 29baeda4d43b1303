import { readdirSync, readFileSync } from "node:fs";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { liveControls } from "../../../compliance/live/checks.ts";
import { type ControlId, controls, controlsOf } from "../../../policies/benchmark/index.ts";
import { rules } from "../../../policies/rules/index.ts";

const decisions = Object.entries(controls).map(([id, { decidedBy }]) => ({ id: id as ControlId, decidedBy }));
const decidedByRules = decisions.filter(({ decidedBy }) => decidedBy === undefined).map(({ id }) => id);

test("the table has every control of the benchmark, in its order", () => {
	const sections = [
		["1.1", 21],
		["1.2", 30],
		["1.3", 7],
		["1.4", 2],
		["2", 7],
		["3.1", 3],
		["3.2", 2],
		["4.1", 10],
		["4.2", 14],
		["4.3", 1],
		["5.1", 13],
		["5.2", 12],
		["5.3", 2],
		["5.4", 2],
		["5.5", 1],
		["5.6", 4],
	] as const;
	const expected = sections.flatMap(([section, count]) =>
		Array.from({ length: count }, (_, index) => `${section}.${index + 1}`),
	);
	expect(expected).toHaveLength(131);
	expect(Object.keys(controls)).toEqual(expected);
});

test("rules decide every control that the table leaves to them, and no other", () => {
	const decided = new Set(rules.flatMap((rule) => rule.controls));
	expect([...decided].sort()).toEqual(decidedByRules.toSorted());
});

test("the live checks have each control that a running node decides, and no other", () => {
	const claimed = decisions
		.filter(({ decidedBy }) => decidedBy !== undefined && "live" in decidedBy)
		.map(({ id }) => id);
	expect(claimed).toEqual(
		liveControls(readFileSync(new URL("../../../compliance/live/files.tsv", import.meta.url), "utf8")),
	);
});

test("the live checks compare arguments only of controls that a policy decides", () => {
	const compared = liveControls(
		readFileSync(new URL("../../../compliance/live/arguments.tsv", import.meta.url), "utf8"),
	);
	expect(compared.length).toBeGreaterThan(40);
	expect(compared.filter((id) => !decidedByRules.includes(id as ControlId))).toEqual([]);
});

test("a rule with a table of limits decides the controls that the table names", () => {
	for (const rule of rules) {
		if ("limits" in rule) {
			const named = (rule.limits as { control?: string }[]).map(({ control }) => control);
			const distinct = new Set(named.filter((control) => control !== undefined));
			expect([...distinct].sort(), rule.name).toEqual(
				controlsOf(rule)
					.map(({ id }) => id)
					.sort(),
			);
		}
	}
});

test("docs/compliance/README.md counts the controls as the table does", () => {
	const text = readFileSync(new URL("../../../docs/compliance/README.md", import.meta.url), "utf8");
	const count = (kind: "live" | "person" | "notApplicable") =>
		decisions.filter(({ decidedBy }) => decidedBy !== undefined && kind in decidedBy).length;
	const rows = [...text.matchAll(/^\| [^|]+\| +(\d+) \|/gm)].map(([, number]) => Number(number));
	expect(rows).toEqual([decidedByRules.length, count("live"), count("person"), count("notApplicable")]);
	const compared = liveControls(
		readFileSync(new URL("../../../compliance/live/arguments.tsv", import.meta.url), "utf8"),
	);
	expect(text).toContain(`For ${compared.length} controls of the control plane`);
});

test("a control that no machine decides has a reason", () => {
	for (const { id, decidedBy } of decisions) {
		if (decidedBy === undefined) {
			continue;
		}
		const reason = "person" in decidedBy ? decidedBy.person : "notApplicable" in decidedBy && decidedBy.notApplicable;
		expect(reason === false || reason.endsWith("."), id).toBe(true);
	}
});

test("the index lists the rule of each file in policies/rules, and each once", () => {
	const folder = fileURLToPath(new URL("../../../policies/rules", import.meta.url));
	const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.includes(sep));
	const named = files.filter((file) => file.endsWith(".ts")).map((file) => file.replace(sep, "-").replace(/\.ts$/, ""));
	expect(named.sort()).toEqual(rules.map(({ name }) => name).sort());
});

test("no two rules share a name", () => {
	expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
});
