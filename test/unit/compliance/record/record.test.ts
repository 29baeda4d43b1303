/** The record of known resources is up to date: it has everything that the program declares, and nothing else. */
import { unknownCheckingProxy } from "@pulumi/policy";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { toResource } from "../../../../compliance/evaluation/evaluate-stack.ts";
import { previewStack } from "../../../../compliance/evaluation/preview.ts";
import { existingOutputs } from "../../../../compliance/record/make-record.ts";
import { fixedStacks, type RecordedStack } from "../../../../compliance/record/stacks.ts";
import { knownResources, recordedName } from "../../../../policies/lib/record/known-resources.ts";
import { findViolations } from "../../../../policies/lib/rules/evaluate.ts";
import { programKnownResources } from "../../../../policies/rules/program/known-resources.ts";

const advice = "The record is not that of this program: run `npm run policy:record`, and read its difference";

const declared = new Set<string>();

/** The program is a module, and runs when it is loaded. */
async function resourcesOf({ values, secrets }: RecordedStack, running: boolean) {
	vi.resetModules();
	const resources = (await previewStack(values, secrets, running ? existingOutputs : undefined)).map(toResource);
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
	test.each([
		["a new", false],
		["a running", true],
	])("declares only resources that the record has, for %s cluster", async (_, running) => {
		const resources = await resourcesOf(stack, running);
		for (const { type, name } of resources) {
			declared.add(`${type} ${recordedName(type, name)}`);
		}
		const messages = findViolations(programKnownResources, resources).map(({ message }) => message);
		expect([...new Set(messages)], advice).toEqual([]);
	});
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
