/** Changes that generators make of the lab and of the examples: a policy blocks each, or a reviewed list says why not. */
import { beforeAll, describe, expect, test } from "vitest";
import { type DeclaredStack, declaredStacks, mutantsOf } from "../../../compliance/mutation/generate.ts";
import { harmlessPlaceOf, harmlessPlaces, parseHarmless } from "../../../compliance/mutation/harmless.ts";
import { Judge, judgeAll } from "../../../compliance/mutation/judge.ts";
import { changeKinds, type Mutant } from "../../../compliance/mutation/mutant.ts";
import { sampleOf, sampleSize, usualSeed as seed } from "../../../compliance/mutation/sample.ts";
import { inputsAt } from "../../../compliance/mutation/sdk-types.ts";
import { stackFiles } from "../../../compliance/record/stacks.ts";
import { readProfile } from "../../../policies/profiles/index.ts";
import { rules } from "../../../policies/rules/index.ts";
import { stackToEvaluate } from "../../../src/commands/stack-from-file.ts";

/** A day on which every exception of the profiles holds. */
const today = "2026-12-01";

let stacks: DeclaredStack[];
let mutants: Mutant[];
beforeAll(async () => {
	stacks = [];
	for (const file of stackFiles()) {
		stacks.push(...(await declaredStacks(file, stackToEvaluate(file).values)));
	}
	mutants = mutantsOf(stacks, seed);
});

const named = ({ stack, type, resource, place, kind }: Mutant) =>
	`${stack}: ${kind} at ${place} of ${type} ${resource}`;

test("each change of a sample is blocked, reads the same as before, or is listed as harmless", () => {
	const sample = sampleOf(mutants, sampleSize, seed);
	const { blocked, survivors } = judgeAll(
		sample,
		new Judge(stacks, rules, readProfile("lab"), today),
		harmlessPlaces(),
	);
	expect(survivors.map(named)).toEqual([]);
	expect(blocked).toBeGreaterThan(sampleSize / 2);
});

test("a change survives when the rule that knows every resource is absent", () => {
	const others = rules.filter(({ name }) => name !== "program-known-resources");
	const judge = new Judge(stacks, others, readProfile("lab"), today);
	const added = mutants.filter(({ kind, place }) => kind === "added" && place === "disks[].pathInDatastore");
	expect(added.length).toBeGreaterThan(0);
	expect(judgeAll(added, judge, harmlessPlaces()).survivors).toEqual(added);
});

test("there are more than 5,000 changes, of every kind", () => {
	expect(mutants.length).toBeGreaterThan(5000);
	expect([...new Set(mutants.map(({ kind }) => kind))].sort()).toEqual([...changeKinds].sort());
});

test("every input of every resource is removed", () => {
	const removed = new Set(
		mutants.filter(({ kind }) => kind === "removed").map(({ type, place }) => `${type} ${place}`),
	);
	const inputs = stacks.flatMap(({ resources }) =>
		resources.flatMap(({ type, props }) => Object.keys(props).map((name) => `${type} ${name}`)),
	);
	expect([...new Set(inputs)].filter((input) => !removed.has(input))).toEqual([]);
});

test("every line of config.yaml is removed, doubled and changed, and others are added", () => {
	const { resources } = stacks[0]!;
	const converge = resources.find(({ name }) => name === "proj-k8sm01-converge")!;
	const lines = mutants.filter(
		({ resource, place }) => resource === "cluster-seed" && place.startsWith("seed /etc/rancher/rke2/config.yaml: "),
	);
	const keys = String(converge.props.stdin)
		.split("\nfile ")[0]!
		.matchAll(/^\| (?<key>[a-z-]+):/gm);
	for (const { groups } of keys) {
		const place = `seed /etc/rancher/rke2/config.yaml: ${groups!.key}`;
		const kinds = new Set(lines.filter((line) => line.place === place).map(({ kind }) => kind));
		expect([place, [...kinds].sort()]).toEqual([
			place,
			expect.arrayContaining(["line added", "line doubled", "line removed"]),
		]);
	}
});

test("the same seed makes the same sample, and another one makes another", () => {
	const some = mutants.slice(0, 2000);
	const sample = (number: number) => sampleOf(some, sampleSize, number).map(named);
	expect(sample(1)).toEqual(sample(1));
	expect(sample(1)).not.toEqual(sample(2));
	expect(sample(1)).toHaveLength(sampleSize);
});

describe("inputs of the SDK's types", () => {
	test.each<[type: string, path: string[], input: string, example: unknown]>([
		["pulumi:providers:proxmoxve", [], "insecure", true],
		["pulumi:providers:kubernetes", [], "skipUpdateUnreachable", true],
		["proxmoxve:index/vmLegacy:VmLegacy", ["disks", "0"], "pathInDatastore", "added"],
		["proxmoxve:download/file:File", [], "verify", true],
		["command:remote:Command", ["connection"], "password", "added"],
		["kubernetes:batch/v1:Job", ["spec", "template", "spec"], "hostNetwork", true],
		["kubernetes:core/v1:NamespacePatch", ["metadata"], "finalizers", ["added"]],
		["kubernetes:helm.sh/v3:Release", [], "postrender", "added"],
	])("%s has at %j the input %s", (type, path, name, example) => {
		expect(inputsAt(type, path)).toContainEqual({ name, example });
	});

	test("a custom resource has none", () => {
		expect(inputsAt("kubernetes:cert-manager.io/v1:Certificate", ["spec"])).toEqual([]);
	});
});

describe("the list of harmless places", () => {
	const list = `
- reason: A reason of some words.
  changes: [added]
  places:
    a:b:C: ["labels.*", "spec.ports[].port"]
`;
	const change = (place: string, kind: Mutant["kind"] = "added") =>
		harmlessPlaceOf({ type: "a:b:C", place, kind } as Mutant, parseHarmless(list))?.reason;

	test("covers a change of its type, place and kind alone", () => {
		expect(change("spec.ports[].port")).toBe("A reason of some words.");
		expect(change("spec.ports[].port", "removed")).toBeUndefined();
		expect(change("spec.ports[].portName")).toBeUndefined();
		expect(change("spec.ports")).toBeUndefined();
	});

	test("covers with a star any one member", () => {
		expect(change('labels."topology.kubernetes.io/zone"')).toBeDefined();
		expect(change("labels.gpu")).toBeDefined();
		expect(change("labels.gpu.more")).toBeUndefined();
		expect(change("labels")).toBeUndefined();
	});

	test("is refused without a reason", () => {
		expect(() => parseHarmless(list.replace("A reason of some words.", "ok"))).toThrow();
	});

	test("names each place once", () => {
		const places = harmlessPlaces().flatMap(({ type, place, changes }) =>
			changes.map((kind) => `${type} ${place} ${kind}`),
		);
		expect(places.filter((place, index) => places.indexOf(place) !== index)).toEqual([]);
	});
});
