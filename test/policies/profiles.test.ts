import type { PolicyPackConfig } from "@pulumi/policy";
import { expect, test } from "vitest";
import { levelOf } from "../../policies/benchmark.ts";
import { profileNames, readProfile } from "../../policies/profiles.ts";
import { rules } from "../../policies/rules/index.ts";

const names = rules.map(({ name }) => name);

function levels(config: PolicyPackConfig): Record<string, string | undefined> {
	return Object.fromEntries(
		Object.entries(config).map(([name, value]) => [name, typeof value === "string" ? value : value.enforcementLevel]),
	);
}

test.each(profileNames)("%s names only rules of the pack", (profile) => {
	expect(Object.keys(readProfile(profile)).filter((name) => !names.includes(name))).toEqual([]);
});

/** What every rule over RKE2's configuration rests on: a node without one escapes them all. */
const foundation = "rke2-config-on-every-node";
const foundationLevel = (name: string) => (name === foundation ? "mandatory" : "advisory");

test("cis-level-1 requires what level 1 of the benchmark asks for, leaves level 2 out and advises the rest", () => {
	const expected = names.map((name) => [
		name,
		{ 0: foundationLevel(name), 1: "mandatory", 2: "disabled" }[levelOf(name) ?? 0],
	]);
	expect(levels(readProfile("cis-level-1"))).toEqual(Object.fromEntries(expected));
});

test("cis-level-2 requires what either level asks for and advises the rest", () => {
	const expected = names.map((name) => [name, levelOf(name) ? "mandatory" : foundationLevel(name)]);
	expect(levels(readProfile("cis-level-2"))).toEqual(Object.fromEntries(expected));
});

test("lab requires everything", () => {
	expect(Object.values(levels(readProfile("lab"))).filter((level) => level !== "mandatory")).toEqual([]);
});
