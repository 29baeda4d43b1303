/**
 * Breaks the lab stack in one place after the other and sees which policy notices:
 *
 *     npm run policy:mutate -- [--json FILE] [--stack FILE]
 *
 * A mutant is blocked when its own policy is violated, and no other. Ends with 1 when one survives, or when a policy has
 * no mutation.
 */
import { parseArgs } from "node:util";
import type { PolicyPackConfig } from "@pulumi/policy";
import { currentDay } from "../../policies/lib/rules/exceptions.ts";
import { readProfile } from "../../policies/profiles/index.ts";
import { rules } from "../../policies/rules/index.ts";
import { progress, resultFor, runCommand, sayTo } from "../../src/commands/command.ts";
import { stackToJudge } from "../../src/commands/stack-from-file.ts";
import { evaluateStack, type PlainResource, toResource } from "../evaluation/evaluate-stack.ts";
import { previewStack } from "../evaluation/preview.ts";
import type { Mutation } from "../mutations/change.ts";
import { mutations } from "../mutations/index.ts";

export interface Outcome {
	policy: string;
	change: string;
	/** Every policy that the mutant violates. */
	violated: string[];
}

/**
 * Puts one mutation to the whole pack.
 *
 * @param today as `YYYY-MM-DD`: the day by which exceptions expire
 * @throws Error when the stack that a mutation repairs first is violated before the change
 */
export function mutate(
	mutation: Mutation,
	resources: readonly PlainResource[],
	profile: PolicyPackConfig,
	today = currentDay(),
): Outcome {
	const { policy, change, apply, withoutExceptions, repaired } = mutation;
	const config = withoutExceptions ? { ...profile, [policy]: "mandatory" as const } : profile;
	const violatedBy = (stack: readonly PlainResource[]) =>
		[...evaluateStack(rules, stack, config, today)]
			.filter(([, { violations }]) => violations.length > 0)
			.map(([name]) => name);
	const own = structuredClone([...resources]);
	const stack = repaired ? repaired(own) : own;
	const before = repaired ? violatedBy(stack) : [];
	if (before.length > 0) {
		throw new Error(`The stack violates ${before.join(", ")} before the change: ${change}.`);
	}
	return { policy, change, violated: violatedBy(apply(stack)) };
}

export function isBlocked({ policy, violated }: Outcome): boolean {
	return violated.length === 1 && violated[0] === policy;
}

/** @returns whether every mutant is blocked and every policy has a mutation */
async function mutateStack(): Promise<boolean> {
	const { values } = parseArgs({
		options: { json: { type: "string" }, stack: { type: "string", default: "Pulumi.lab.yaml" } },
	});
	const writeResult = resultFor(values.json);
	const say = sayTo(values.json);
	progress("Declaring the resources of the stack ...");
	const resources = (await previewStack(stackToJudge(values.stack).values)).map(toResource);
	const profile = readProfile("lab");
	progress(`Breaking them in ${mutations.length} places, one after the other ...`);
	const outcomes = mutations.map((mutation) => mutate(mutation, resources, profile));
	const survivors = outcomes.filter((outcome) => !isBlocked(outcome));
	const untested = rules.map(({ name }) => name).filter((name) => !mutations.some(({ policy }) => policy === name));
	for (const { policy, change, violated } of survivors) {
		console.error(`${policy} does not catch, alone: ${change}. Violated: ${violated.join(", ") || "nothing"}.`);
	}
	for (const name of untested) {
		console.error(`${name} has no mutation in compliance/mutations.`);
	}
	say(`${outcomes.length - survivors.length} of ${outcomes.length} mutants are blocked.`);
	writeResult({ mutants: outcomes.length, blocked: outcomes.length - survivors.length, survivors });
	return survivors.length + untested.length === 0;
}

if (import.meta.main) {
	await runCommand("policy:mutate", mutateStack);
}
