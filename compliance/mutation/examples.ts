/** The examples of the rules as mutants: each has to violate its own policy, and no other. */
import type { PolicyPackConfig } from "@pulumi/policy";
import { currentDay } from "../../policies/lib/rules/exceptions.ts";
import type { Resource } from "../../policies/lib/rules/resource.ts";
import type { Example, Rule } from "../../policies/lib/rules/rule.ts";
import { rules } from "../../policies/rules/index.ts";
import { evaluateStack } from "../evaluation/evaluate-stack.ts";

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
 * The policies that refuse whatever the program does not declare, and miss whatever it always declares, notice many mutants. The examples
 * of the others have to prove that a policy of their own does.
 */
const backstops: readonly string[] = ["program-known-resources", "program-complete-stack"];

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
	const asked = rules.filter((rule) => rule.name === name || !backstops.includes(rule.name));
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
