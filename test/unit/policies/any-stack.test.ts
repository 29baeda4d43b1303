/**
 * Stack files at random, made from the schema. A failure prints the seed and the smallest stack file that shows it;
 * `seed` and `path` in the parameters repeat it.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { evaluateStack, mandatoryRules, toResource } from "../../../compliance/evaluation/evaluate-stack.ts";
import { previewStack } from "../../../compliance/evaluation/preview.ts";
import { type Machine, machineOf } from "../../../policies/lib/vm/machines.ts";
import { readProfile } from "../../../policies/profiles/index.ts";
import { rules } from "../../../policies/rules/index.ts";
import { validateOptions } from "../../../rehearsal/doubles/proxmox/qemu/options.ts";
import { policyPackWarnings } from "../../../src/config/checks/policy-pack.ts";
import { warnings } from "../../../src/config/checks/warnings.ts";
import { parseStack } from "../../../src/config/read/parse.ts";
import { stackSchema } from "../../../src/config/schema/stack.ts";
import { labValues } from "../../fixtures/lab.ts";
import { mistakenStacks, plausibleStacks } from "../../fixtures/stack-arbitrary.ts";

/** Fixed, so that a run in CI is the same each time. */
const seed = 20_261_128;
const sections = Object.keys(stackSchema.shape);

// The program prints the warnings of the check, once for each stack.
beforeAll(() => {
	for (const method of ["warn", "error"] as const) {
		vi.spyOn(console, method).mockReturnValue(undefined);
	}
});
afterAll(() => {
	vi.restoreAllMocks();
});

test("the check reports each mistake of a random stack file in a sentence about its key", () => {
	fc.assert(
		fc.property(mistakenStacks, (values) => {
			const { value, problems } = parseStack(values);
			expect(value === undefined).toBe(problems.length > 0);
			for (const { key, message } of problems) {
				expect(sections).toContain(key.split(".")[0]);
				expect(message).toMatch(/[.?]$/);
				expect(message).not.toMatch(/undefined|NaN|\[object|Symbol|ZodError|Invalid input/);
				expect(message.length).toBeLessThan(2000);
			}
		}),
		{ seed, numRuns: 200 },
	);
});

/** The parameters of a VM that the double of Proxmox checks, as the provider sends them. */
function parametersOf({ name = "", tags = [], cpu, memory, networkDevices = [] }: Machine) {
	const [{ bridge, vlanId } = {}] = networkDevices;
	const { cores } = cpu as { cores?: number };
	return {
		...{ name, tags: tags.join(";"), memory: `${memory?.dedicated}`, cores: `${cores}` },
		net0: `virtio,bridge=${bridge}${vlanId === undefined ? "" : `,tag=${vlanId}`}`,
	};
}

test("a random stack file that passes the check violates only policies that the check has named, and Proxmox takes its machines", async () => {
	const profile = readProfile("lab");
	const mandatory = mandatoryRules(rules, profile);
	let [tried, accepted] = [0, 0];
	await fc.assert(
		fc.asyncProperty(plausibleStacks, async (values) => {
			tried += 1;
			const { value: stack } = parseStack(values);
			fc.pre(stack !== undefined);
			accepted += 1;
			// The program is a module, and runs when it is loaded.
			vi.resetModules();
			const resources = (await previewStack(values)).map(toResource);
			expect(resources.length).toBeGreaterThan(100);
			const machines = resources.flatMap((resource) => machineOf(resource) ?? []);
			expect(machines).toHaveLength(Object.keys(stack!.nodes).length);
			for (const machine of machines) {
				validateOptions(parametersOf(machine));
			}
			const violated = [...evaluateStack(rules, resources, profile)]
				.filter(([name, { violations }]) => mandatory.has(name) && violations.length > 0)
				.map(([name]) => name);
			const named = [...warnings(stack!), ...policyPackWarnings(stack!)].map(({ message }) => message);
			expect(violated.filter((name) => !named.some((message) => message.includes(name)))).toEqual([]);
		}),
		{ seed, numRuns: 8 },
	);
	// A generator that makes only mistakes would prove nothing.
	expect(accepted / tried).toBeGreaterThan(0.1);
});

test("the unchanged stack file passes the check", () => {
	expect(parseStack(labValues()).problems).toEqual([]);
});
