/** The stack files from which the record of known resources is made: every feature on and off, and every key changed. */
import { readdirSync } from "node:fs";
import fc from "fast-check";
import { apply as mergePatch } from "tiny-merge-patch";
import { stackToEvaluate } from "../../src/commands/stack-from-file.ts";
import { policyPackWarnings } from "../../src/config/checks/policy-pack.ts";
import { localVolumeCount } from "../../src/config/derived/storage.ts";
import { parseStack } from "../../src/config/read/parse.ts";
import { type StackConfig, stackSchema } from "../../src/config/schema/stack.ts";
import { isPresent, places, put, type Values, valid } from "./stack-values.ts";
import { credentials, switches } from "./switches.ts";

export interface RecordedStack {
	/** For a person. */
	name: string;
	/** By key without the project's name. */
	values: Values;
	stack: StackConfig;
	/** Secrets beside those of every preview. */
	secrets?: Readonly<Record<string, string>>;
	/** Whether it is also recorded while the administrator's kubeconfig is about to expire. */
	expiring?: true;
}

const root = new URL("../../", import.meta.url).pathname;

/** How many values of its own each key gets, one a round, in the first, the second and the third of the switches. */
const rounds = [2, 1, 1];

/** Stack files in which every fourth key has another value: one key alone tells which key a part of an input follows. */
const mixtures = 48;

/**
 * The lab, the examples, and every switch.
 *
 * @throws Error when a switch makes a stack file that the check refuses
 */
export function fixedStacks(): RecordedStack[] {
	const files = stackFiles().map((name) => ({ name, ...stackToEvaluate(`${root}${name}`) }));
	const lab = files[0]!.values;
	const switched = Object.entries(switches).map(([name, change]) => accepted(name, mergePatch(lab, change) as Values));
	const everything = switched[0]!;
	return [
		{ ...files[0]!, expiring: true },
		...files.slice(1),
		...switched,
		{ ...everything, name: `${everything.name}, with credentials`, secrets: credentials },
	];
}

/** The lab, and the stack file with nearly every key. */
export function simplestAndFullest(): RecordedStack[] {
	const fullest = Object.keys(switches)[0];
	return fixedStacks().filter(({ name }, index) => index === 0 || name === fullest);
}

/**
 * The same, and stack files with another value of every key.
 *
 * @throws Error when a switch makes a stack file that the check refuses
 */
export function recordedStacks(): RecordedStack[] {
	const fixed = fixedStacks();
	const switched = fixed.slice(-Object.keys(switches).length - 1);
	const varied = rounds.flatMap((count, index) => {
		const { name, values } = switched[index]!;
		return Array.from({ length: count }, (_, round) => ({
			...accepted(`${name}, round ${round}`, vary(values, round)),
			expiring: true as const,
		}));
	});
	const mixed = Array.from({ length: mixtures }, (_, index) => {
		// Half of them begin with a stack file that has nearly every key.
		const half = Math.floor(index / 2);
		const { name, values, secrets } = index % 2 === 0 ? switched[half % 3]! : fixed[half % fixed.length]!;
		const isVaried = (path: string) => seedOf(`${index} ${path}`) % 4 === 0;
		return {
			...accepted(`${name}, mixture ${index}`, vary(values, index, isVaried)),
			...(secrets && { secrets }),
		};
	});
	return [...fixed, ...switched.slice(0, rounds.length).flatMap(shortened), ...varied, ...mixed];
}

/** How many stack files together lack every optional key of another one. */
const parts = 4;

/** Only a stack file without it tells that a key is optional: each key is absent in one of them and there in the others. */
function shortened({ name, values, secrets }: RecordedStack): RecordedStack[] {
	return Array.from({ length: parts }, (_, part) => ({
		...accepted(`${name}, part ${part}`, shorten(values, part)),
		...(secrets && { secrets }),
	}));
}

function shorten(values: Values, part: number): Values {
	return places(stackSchema, values, [])
		.filter(({ path }) => isPresent(values, path) && seedOf(path.join(".")) % parts === part)
		.reduce((rest, { path }) => {
			const candidate = put(rest, path, undefined);
			return parseStack(candidate).value ? candidate : rest;
		}, values);
}

/** The stack files of the project, the lab first. */
export function stackFiles(): string[] {
	return ["Pulumi.lab.yaml", ...examples()];
}

function examples(): string[] {
	return readdirSync(`${root}examples`)
		.filter((name) => name.endsWith(".yaml"))
		.sort()
		.map((name) => `examples/${name}`);
}

function accepted(name: string, values: Values): RecordedStack {
	const { value: stack, problems } = parseStack(values);
	if (!stack) {
		throw new Error(
			`${name} in compliance/record/switches.ts is refused: ${problems.map(({ key, message }) => `${key} ${message}`).join(" ")}`,
		);
	}
	return { name, values, stack };
}

/**
 * Another value for every key whose change the check accepts. The values of a key depend on its path alone, so that a new key
 * changes no other.
 */
function vary(values: Values, round: number, isVaried: (path: string) => boolean = () => true): Values {
	let varied = values;
	for (const { path, schema } of places(stackSchema, values, [])) {
		if (!isVaried(path.join("."))) {
			continue;
		}
		const [value] = fc.sample(valid(schema), { seed: seedOf(`${path.join(".")} ${round}`), numRuns: 1 });
		const candidate = put(varied, path, value);
		const { value: stack } = parseStack(candidate);
		if (stack && !isLeftOut(stack)) {
			varied = candidate;
		}
	}
	return varied;
}

/** Each volume is a resource, and thousands of them are as good as a few. */
const mostVolumes = 20;

/** Whether the record leaves a stack file out: a value of it can do harm, or it declares the same thing many times. */
export function isLeftOut(stack: StackConfig): boolean {
	return (
		policyPackWarnings(stack).some(({ message }) => message.includes("program-known-resources")) ||
		Object.values(stack.nodes).some((node) => localVolumeCount(stack, node) > mostVolumes)
	);
}

/** @returns a number that differs from one text to another */
function seedOf(text: string): number {
	return [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 2_147_483_647, 7);
}
