/** The record of known resources is up to date: it has everything that the program declares, and nothing else. */
import { readFileSync } from "node:fs";
import { unknownCheckingProxy } from "@pulumi/policy";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { toResource } from "../../../../compliance/evaluation/evaluate-stack.ts";
import { type Outputs, previewStack } from "../../../../compliance/evaluation/preview.ts";
import { withCurrentScripts } from "../../../../compliance/record/former-scripts.ts";
import { existingOutputs, expiringOutputs } from "../../../../compliance/record/outputs.ts";
import { fixedStacks, type RecordedStack } from "../../../../compliance/record/stacks.ts";
import { knownResources, recordedName } from "../../../../policies/lib/record/known-resources.ts";
import { formerScriptsFile } from "../../../../policies/lib/record/own-scripts.ts";
import { findViolations } from "../../../../policies/lib/rules/evaluate.ts";
import { programKnownResources } from "../../../../policies/rules/program/known-resources.ts";

const advice = "The record is not that of this program: run `npm run policy:record`, and read its difference";

const declared = new Set<string>();

/** The program is a module, and runs when it is loaded. */
async function resourcesOf({ values, secrets }: RecordedStack, outputs: Outputs | undefined) {
	vi.resetModules();
	const resources = (await previewStack(values, secrets, outputs)).map(toResource);
	return resources.map((resource) => ({ ...resource, props: unknownCheckingProxy(resource.props) }));
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

describe.each(fixedStacks())("$name", (stack) => {
	const states: [string, () => Outputs | undefined | Promise<Outputs>][] = [
		["a new cluster", () => undefined],
		["a running cluster", existingOutputs],
	];
	if (stack.expiring) {
		states.push(["a cluster whose kubeconfig is about to expire", expiringOutputs]);
	}
	test.each(states)("declares only resources that the record has, for %s", async (_, outputs) => {
		const resources = await resourcesOf(stack, await outputs());
		for (const { type, name } of resources) {
			declared.add(`${type} ${recordedName(type, name)}`);
		}
		const messages = findViolations(programKnownResources, resources).map(({ message }) => message);
		expect([...new Set(messages)], advice).toEqual([]);
	});
});

test("the record has the present version of each script that a resource keeps", () => {
	expect(JSON.parse(readFileSync(formerScriptsFile, "utf8")), advice).toEqual(withCurrentScripts());
});

test("the record has no resource that no stack file declares", () => {
	const recorded = Object.entries(knownResources()).flatMap(([type, names]) =>
		Object.keys(names).map((name) => `${type} ${name}`),
	);
	expect(
		recorded.filter((name) => !declared.has(name)),
		advice,
	).toEqual([]);
});
