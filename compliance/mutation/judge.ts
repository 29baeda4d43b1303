/** What the policy pack says to a mutant. */
import { isDeepStrictEqual } from "node:util";
import { type PolicyPackConfig, unknownCheckingProxy } from "@pulumi/policy";
import { evaluate } from "../../policies/lib/rules/evaluate.ts";
import { type Resource, UndecidableError } from "../../policies/lib/rules/resource.ts";
import type { Rule } from "../../policies/lib/rules/rule.ts";
import { configOf, mandatoryRules } from "../evaluation/evaluate-stack.ts";
import { readContents } from "../record/read-contents.ts";
import type { DeclaredStack } from "./generate.ts";
import { type HarmlessPlace, harmlessPlaceOf } from "./harmless.ts";
import type { Mutant } from "./mutant.ts";

export type Judgement =
	/** The first policy that the mutant violates. */
	| { policy: string }
	/** The reader of the text gets the same from it: a blank line between two files, another way to write a YAML value. */
	| "reads the same"
	| "survives";

/** Judges mutants of stacks. Rules about single resources read only the changed one; those about a stack read all of it. */
export class Judge {
	readonly #profile: PolicyPackConfig;
	readonly #today: string;
	readonly #single: readonly Rule[];
	readonly #across: readonly Rule[];
	readonly #stacks: ReadonlyMap<string, DeclaredStack>;

	/** @param today as `YYYY-MM-DD`: the day by which exceptions expire */
	constructor(stacks: readonly DeclaredStack[], rules: readonly Rule[], profile: PolicyPackConfig, today: string) {
		this.#profile = { ...profile, [knowsEverything]: "mandatory" };
		this.#today = today;
		const mandatory = mandatoryRules(rules, this.#profile);
		const blocking = rules.filter(({ name }) => mandatory.has(name));
		this.#single = blocking.filter((rule) => !("checkStack" in rule)).sort((a, b) => rank(a) - rank(b));
		this.#across = blocking.filter((rule) => "checkStack" in rule);
		this.#stacks = new Map(stacks.map((stack) => [stack.name, stack]));
	}

	judge({ stack, make, original, type, resource }: Mutant): Judgement {
		const changed = make();
		const received = asReceived(changed);
		const single = this.#single.find((rule) => this.#violates(rule, [received]));
		if (single) {
			return { policy: single.name };
		}
		if (original && readsTheSame(original, changed)) {
			return "reads the same";
		}
		const others = this.#stacks.get(stack)!.resources;
		const all = original
			? others.map((other) => (other.type === type && other.name === resource ? changed : other))
			: [...others, changed];
		const resources = all.map(asReceived);
		const across = this.#across.find((rule) => this.#violates(rule, resources));
		return across ? { policy: across.name } : "survives";
	}

	#violates(rule: Rule, resources: readonly Resource[]): boolean {
		return evaluate(rule, resources, configOf(rule, this.#profile), this.#today).violations.length > 0;
	}
}

const knowsEverything = "program-known-resources";

/** The rule that knows every property first, because it blocks nearly all. */
function rank({ name }: Rule): number {
	return name === knowsEverything ? 0 : 1;
}

function asReceived(resource: Resource): Resource {
	return { ...resource, props: unknownCheckingProxy(resource.props) };
}

function readsTheSame(original: Resource, changed: Resource): boolean {
	try {
		return isDeepStrictEqual(readContents(original), readContents(changed));
	} catch (error) {
		if (error instanceof UndecidableError) {
			return false;
		}
		throw error;
	}
}

/** What became of many mutants. */
export interface Result {
	blocked: number;
	/** Those that read the same as before. */
	same: number;
	harmless: number;
	survivors: Mutant[];
	/** Entries of the list of harmless places that covered a mutant. */
	used: ReadonlySet<HarmlessPlace>;
}

export function judgeAll(mutants: readonly Mutant[], judge: Judge, places: readonly HarmlessPlace[]): Result {
	const result = { blocked: 0, same: 0, harmless: 0, survivors: [] as Mutant[], used: new Set<HarmlessPlace>() };
	for (const mutant of mutants) {
		const judgement = judge.judge(mutant);
		const entry = judgement === "survives" ? harmlessPlaceOf(mutant, places) : undefined;
		if (typeof judgement === "object") {
			result.blocked++;
		} else if (judgement === "reads the same") {
			result.same++;
		} else if (entry) {
			result.harmless++;
			result.used.add(entry);
		} else {
			result.survivors.push(mutant);
		}
	}
	return result;
}
