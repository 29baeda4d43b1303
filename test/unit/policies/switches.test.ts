/**
 * The lab, the examples and every switch of compliance/record/switches.ts: a policy that one of them violates is an exception on
 * purpose, which the check names beforehand.
 */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { evaluateStack, mandatoryRules, toResource } from "../../../compliance/evaluation/evaluate-stack.ts";
import { previewStack } from "../../../compliance/evaluation/preview.ts";
import { existingOutputs } from "../../../compliance/record/outputs.ts";
import { fixedStacks, type RecordedStack } from "../../../compliance/record/stacks.ts";
import { readProfile } from "../../../policies/profiles/index.ts";
import { rules } from "../../../policies/rules/index.ts";
import { policyPackWarnings } from "../../../src/config/checks/policy-pack.ts";
import { warnings } from "../../../src/config/checks/warnings.ts";

// The program prints the warnings of the check, once for each stack.
beforeAll(() => {
	for (const method of ["warn", "error"] as const) {
		vi.spyOn(console, method).mockReturnValue(undefined);
	}
});
afterAll(() => {
	vi.restoreAllMocks();
});

const profile = readProfile("lab");
const mandatory = mandatoryRules(rules, profile);

/** @returns the mandatory policies that a stack file violates beyond the exceptions of the lab, as a new or as a running cluster */
async function violatedBy({ values, secrets }: RecordedStack): Promise<string[]> {
	const violated = new Set<string>();
	for (const outputs of [undefined, existingOutputs()]) {
		const resources = (await previewStack(values, secrets, outputs)).map(toResource);
		for (const [name, { violations }] of evaluateStack(rules, resources, profile)) {
			if (mandatory.has(name) && violations.length > 0) {
				violated.add(name);
			}
		}
	}
	return [...violated];
}

/** By the name of the stack file; all others violate nothing. */
const exceptions: Record<string, string[]> = {
	"a load balancer, checksums in the network interface": ["rke2-offsite-snapshots"],
	"no GPU": ["kubernetes-pod-security"],
};

test("no stack file of the project violates a policy, except for those that use what a policy has an exception for", {
	timeout: 900_000,
}, async () => {
	const found: Record<string, string[]> = {};
	for (const recorded of fixedStacks()) {
		const violated = await violatedBy(recorded);
		if (violated.length > 0) {
			found[recorded.name] = violated;
		}
		const named = [...warnings(recorded.stack), ...policyPackWarnings(recorded.stack)].map(({ message }) => message);
		const surprises = violated.filter((name) => !named.some((message) => message.includes(name)));
		expect(surprises, recorded.name).toEqual([]);
	}
	expect(found).toEqual(exceptions);
});
