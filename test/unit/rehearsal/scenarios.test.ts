/** The list of scenarios. The rehearsal runs them. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { listScenarios } from "../../../rehearsal/commands/scenarios.ts";
import { scenarios } from "../../../rehearsal/scenarios/index.ts";

test("every module of a scenario is in the list under its own name", () => {
	const modules = readdirSync(new URL("../../../rehearsal/scenarios", import.meta.url))
		.filter((file) => file.endsWith(".ts") && !["index.ts", "scenario.ts"].includes(file))
		.map((file) => file.replace(/\.ts$/, ""));
	expect(scenarios.map(({ name }) => name).sort()).toEqual(modules.sort());
});

test("--list names each scenario with one line, and whether the API may be away", () => {
	const lines = listScenarios();
	expect(lines).toHaveLength(scenarios.length);
	expect(lines).toContainEqual(expect.stringMatching(/^no-op-run +outage none +`up` without a change /));
});

test("the track record names only scenarios that exist", () => {
	const page = readFileSync(new URL("../../../docs/operations/track-record.md", import.meta.url), "utf8");
	const named = [...page.matchAll(/--scenario ([\w-]+)/g)].map(([, name]) => name);
	const known = scenarios.map(({ name }) => name);
	expect(named).not.toEqual([]);
	expect(named.filter((name) => !known.includes(name!))).toEqual([]);
});
