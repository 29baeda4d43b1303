/**
 * Breaks what the program declares, one place at a time, and looks whether a policy notices it:
 *
 *     npm run policy:mutate -- [--all] [--seed NUMBER] [--json FILE] [--stack FILE]
 *
 * First the examples of the rules on the lab: each has to violate its own policy, and no other. The policy that knows every resource of
 * the program is asked about its own examples only. Then changes that generators make of the lab and of the example stack files: each has
 * to violate some policy, or to be in compliance/mutation/harmless.yaml. A run takes a sample of them; `--all` takes all, which lasts
 * minutes. Ends with 1 when a change survives.
 */
import { parseArgs } from "node:util";
import { currentDay } from "../../policies/lib/rules/exceptions.ts";
import { readProfile } from "../../policies/profiles/index.ts";
import { rules } from "../../policies/rules/index.ts";
import { progress, resultFor, runCommand, sayTo, UsageError } from "../../src/commands/command.ts";
import { stackToEvaluate } from "../../src/commands/stack-from-file.ts";
import { isBlocked, mutate, mutations } from "../mutation/examples.ts";
import { type DeclaredStack, declaredStacks, mutantsOf } from "../mutation/generate.ts";
import { harmlessPlaces } from "../mutation/harmless.ts";
import { Judge, judgeAll } from "../mutation/judge.ts";
import { sampleOf, sampleSize, usualSeed } from "../mutation/sample.ts";
import { stackFiles } from "../record/stacks.ts";

/** A seed of 32 bits repeats a run. */
function seedFrom(text: string | undefined): number {
	if (text !== undefined && !/^\d{1,9}$/.test(text)) {
		throw new UsageError(`--seed is ${text}; allowed is a whole number of at most nine digits`);
	}
	return text === undefined ? usualSeed : Number(text);
}

/** @returns whether every mutant is blocked or harmless */
async function mutateStack(): Promise<boolean> {
	const { values } = parseArgs({
		options: {
			all: { type: "boolean", default: false },
			seed: { type: "string" },
			json: { type: "string" },
			stack: { type: "string" },
		},
	});
	const seed = seedFrom(values.seed);
	const writeResult = resultFor(values.json);
	const say = sayTo(values.json);
	progress("Declaring the resources of the stack files ...");
	const files = values.stack === undefined ? stackFiles() : [values.stack];
	const stacks: DeclaredStack[] = [];
	for (const file of files) {
		stacks.push(...(await declaredStacks(file, stackToEvaluate(file).values)));
	}

	progress(`Breaking them in ${mutations.length} places, one after the other ...`);
	const profile = readProfile("lab");
	const outcomes = mutations.map((mutation) => mutate(mutation, stacks[0]!.resources, profile));
	const missed = outcomes.filter((outcome) => !isBlocked(outcome));
	for (const { policy, change, violated } of missed) {
		console.error(
			`The change "${change}" must violate ${policy} and no other policy; it violates ${violated.join(", ") || "none"}.`,
		);
	}
	say(`${outcomes.length - missed.length} of ${outcomes.length} examples of the rules are blocked.`);

	const every = mutantsOf(stacks, seed);
	const mutants = values.all ? every : sampleOf(every, sampleSize, seed);
	progress(`Judging ${mutants.length} generated mutants ...`);
	const judge = new Judge(stacks, rules, profile, currentDay());
	const { blocked, same, harmless, survivors } = judgeAll(mutants, judge, harmlessPlaces());
	for (const { stack, type, resource, place, kind } of survivors) {
		console.error(
			`No policy notices this change of ${type} ${resource} in ${stack}: ${kind} at ${place || "the resource"}. Add a rule, or an entry with a reason to compliance/mutation/harmless.yaml.`,
		);
	}
	say(
		`Seed ${seed}: of ${every.length} generated mutants ${mutants.length} were judged. A policy blocks ${blocked}, ${same} read the same as before, ${harmless} are listed as harmless, ${survivors.length} survive.`,
	);
	writeResult({
		examples: { mutants: outcomes.length, blocked: outcomes.length - missed.length, survivors: missed },
		generated: {
			...{ seed, mutants: every.length, judged: mutants.length, blocked, same, harmless },
			survivors: survivors.map(({ stack, type, resource, place, kind }) => ({ stack, type, resource, place, kind })),
		},
	});
	return missed.length === 0 && survivors.length === 0;
}

await runCommand("policy:mutate", mutateStack);
