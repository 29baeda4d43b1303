/** Every rule on its own: cases that it accepts, and cases that it refuses with a sentence. */
import { describe, expect, test } from "vitest";
import { rules } from "../../../policies/rules/index.ts";
import { apiCases } from "./cases/api.ts";
import type { CaseTable } from "./cases/case.ts";
import { clusterCases } from "./cases/cluster.ts";
import { commandCases } from "./cases/commands.ts";
import { equalMachineCases } from "./cases/equal-machines.ts";
import { firewallCases } from "./cases/firewalls.ts";
import { imageCases } from "./cases/images.ts";
import { machineGroupCases } from "./cases/machine-groups.ts";
import { machineCases } from "./cases/machines.ts";
import { networkCases } from "./cases/networks.ts";
import { objectCases } from "./cases/objects.ts";
import { podCases } from "./cases/pods.ts";
import { programCases } from "./cases/program.ts";
import { rightsCases } from "./cases/rights.ts";
import { rke2Cases } from "./cases/rke2.ts";
import { rke2ArgumentCases } from "./cases/rke2-arguments.ts";
import { wholeStackCases } from "./cases/whole-stack.ts";
import { type Given, stackViolations, violations } from "./run-rule.ts";

const cases: CaseTable = {
	...programCases,
	...machineCases,
	...machineGroupCases,
	...equalMachineCases,
	...firewallCases,
	...imageCases,
	...rke2Cases,
	...rke2ArgumentCases,
	...clusterCases,
	...commandCases,
	...wholeStackCases,
	...podCases,
	...apiCases,
	...networkCases,
	...objectCases,
	...rightsCases,
};

test("every rule has cases, and every case has a rule", () => {
	expect(Object.keys(cases).sort()).toEqual(rules.map(({ name }) => name).sort());
});

describe.each(rules.map((rule) => ({ rule, name: rule.name })))("$name", ({ rule, name }) => {
	const { accepts = {}, refuses = {} } = cases[name] ?? {};
	const found = (given: Given | Given[]) =>
		"checkStack" in rule
			? stackViolations(rule, [given].flat())
			: [given].flat().flatMap((one) => violations(rule, one));

	test("has a case to accept and a case to refuse", () => {
		expect(Object.keys(accepts)).not.toEqual([]);
		expect(Object.keys(refuses)).not.toEqual([]);
	});

	test.each(Object.entries(accepts))("accepts %s", (_, given) => {
		expect(found(given)).toEqual([]);
	});

	test.each(Object.entries(refuses))("refuses %s", (_, [given, ...sentences]) => {
		expect(found(given)).toEqual(sentences);
	});
});
