/**
 * Applies the examples of every rule to the lab's stack, one after the other, and looks which policies are violated then:
 *
 *     npm run policy:mutate -- [--json FILE] [--stack FILE]
 *
 * A mutant is a stack with one such change. It is blocked when its own policy is violated, and no other. Ends with 1 when one
 * survives. The policy that knows every resource of the program is asked about its own examples only.
 */
import { parseArgs } from "node:util";
import type { PolicyPackConfig } from "@pulumi/policy";
import { currentDay } from "../../policies/lib/rules/exceptions.ts";
import type { Resource } from "../../policies/lib/rules/resource.ts";
import type { Example, Rule } from "../../policies/lib/rules/rule.ts";
import { readProfile } from "../../policies/profiles/index.ts";
import { rules } from "../../policies/rules/index.ts";
import { progress, resultFor, runCommand, sayTo } from "../../src/commands/command.ts";
import { stackToEvaluate } from "../../src/commands/stack-from-file.ts";
import { evaluateStack, toResource } from "../evaluation/evaluate-stack.ts";
import { previewStack } from "../evaluation/preview.ts";

/** One example of one rule. */
export interface Mutation {
	rule: Rule;
	example: Example;
}

export const mutations: readonly Mutation[] = rules.flatMap((rule) =>
	rule.examples.map((example) => ({ rule, example })),
);

export interface Outcome {
	policy: string;
	change: string;
	/** Every policy that the mutant violates. */
	violated: string[];
}

/**
 * The policy that refuses everything which the program does not declare notices each mutant. The examples of the others have
 * to prove that a policy of their own does.
 */
const backstop = "program-known-resources";

/** A stack with the change of an example. */
export function mutantOf({ apply, repaired }: Example, resources: readonly Resource[]): readonly Resource[] {
	return apply(repaired ? repaired(resources) : resources);
}

/**
 * Evaluates the whole pack on one mutant.
 *
 * @param today as `YYYY-MM-DD`: the day by which exceptions expire
 * @throws Error when the stack violates a rule before the change, although the example repairs it first
 */
export function mutate(
	{ rule: { name }, example }: Mutation,
	resources: readonly Resource[],
	profile: PolicyPackConfig,
	today = currentDay(),
): Outcome {
	const { change, withoutExceptions, repaired } = example;
	const config = withoutExceptions ? { ...profile, [name]: "mandatory" as const } : profile;
	const asked = name === backstop ? rules : rules.filter((rule) => rule.name !== backstop);
	const violatedBy = (stack: readonly Resource[]) =>
		[...evaluateStack(asked, stack, config, today)]
			.filter(([, { violations }]) => violations.length > 0)
			.map(([policy]) => policy);
	const before = repaired ? violatedBy(repaired(resources)) : [];
	if (before.length > 0) {
		throw new Error(`The stack violates ${before.join(", ")} before the change: ${change}.`);
	}
	return { policy: name, change, violated: violatedBy(mutantOf(example, resources)) };
}

export function isBlocked({ policy, violated }: Outcome): boolean {
	return violated.length === 1 && violated[0] === policy;
}

/** @returns whether every mutant is blocked */
async function mutateStack(): Promise<boolean> {
	const { values } = parseArgs({
		options: { json: { type: "string" }, stack: { type: "string", default: "Pulumi.lab.yaml" } },
	});
	const writeResult = resultFor(values.json);
	const say = sayTo(values.json);
	progress("Declaring the resources of the stack ...");
	const resources = (await previewStack(stackToEvaluate(values.stack).values)).map(toResource);
	const profile = readProfile("lab");
	progress(`Breaking them in ${mutations.length} places, one after the other ...`);
	const outcomes = mutations.map((mutation) => mutate(mutation, resources, profile));
	const survivors = outcomes.filter((outcome) => !isBlocked(outcome));
	for (const { policy, change, violated } of survivors) {
		console.error(
			`The change "${change}" must violate ${policy} and no other policy; it violates ${violated.join(", ") || "none"}.`,
		);
	}
	say(`${outcomes.length - survivors.length} of ${outcomes.length} mutants are blocked.`);
	writeResult({ mutants: outcomes.length, blocked: outcomes.length - survivors.length, survivors });
	return survivors.length === 0;
}

if (import.meta.main) {
	await runCommand("policy:mutate", mutateStack);
}
