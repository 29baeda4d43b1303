/** What decides here each check of other tools: a control of the benchmark, rules of the pack, or nothing, with the reason. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { type ControlId, controls } from "../../policies/benchmark/index.ts";
import type { Rule } from "../../policies/lib/rules/rule.ts";

export type Mapping = { control: ControlId } | { rules: readonly string[] } | { because: string };

/** One tool with all its checks. */
export interface Oracle {
	name: string;
	/** In the order of the tool. */
	checks: readonly { id: string; mapping: Mapping }[];
	differences: readonly Difference[];
}

const control = z.custom<ControlId>((id) => Object.hasOwn(controls, id as string), "no control of the benchmark");

/** Objects of the lab, or roles of nodes, with another verdict of the tool than of the pack or the live check. */
const difference = z.strictObject({
	because: z.string().min(20),
	check: z.string(),
	/** `Kind namespace/name`, where a star at the end stands for any characters, or `server` and `agent`. */
	objects: z.array(z.string()).min(1),
});
export type Difference = z.infer<typeof difference>;

const mappings = z.strictObject({
	controls: z.record(z.string(), control),
	rules: z.record(z.string(), z.array(z.string()).min(1)),
	undecided: z.array(z.strictObject({ because: z.string().min(20), ids: z.array(z.string()).min(1) })),
	differences: z.array(difference),
});

const onNodes = z.strictObject({
	differences: z.array(difference.extend({ check: control, objects: z.array(z.enum(["server", "agent"])).min(1) })),
});

const ids = z.strictObject({
	checkov: z.array(z.string()),
	kubescape: z.array(z.string()),
	"kube-bench": z.array(control),
});

/** Checks that the tools have, by the tool. */
export function listedIds() {
	return ids.parse(read("ids.yaml"));
}

/**
 * kube-bench uses the ids of the benchmark.
 *
 * @throws Error when a check has no mapping or more than one, or a mapping names no rule of the pack
 */
export function oracles(rules: readonly Rule[]): Oracle[] {
	const listed = listedIds();
	const names = new Set(rules.map(({ name }) => name));
	return [
		{
			name: "kube-bench",
			checks: listed["kube-bench"].map((id) => ({ id, mapping: { control: id } })),
			differences: onNodes.parse(read("kube-bench.yaml")).differences,
		},
		oracle("Checkov", listed.checkov, "checkov.yaml", names),
		oracle("Kubescape", listed.kubescape, "kubescape.yaml", names),
	];
}

function oracle(name: string, listed: readonly string[], file: string, rules: ReadonlySet<string>): Oracle {
	const { controls, rules: byRules, undecided, differences } = mappings.parse(read(file));
	const found = [
		...Object.entries(controls).map(([id, control]): [string, Mapping] => [id, { control }]),
		...Object.entries(byRules).map(([id, names]): [string, Mapping] => [id, { rules: names }]),
		...undecided.flatMap(({ because, ids }) => ids.map((id): [string, Mapping] => [id, { because }])),
	];
	const mistakes = [
		...listed.filter((id) => !found.some(([known]) => known === id)).map((id) => `${id} is not mapped`),
		...found.filter(([id]) => !listed.includes(id)).map(([id]) => `${id} is no check of ${name}`),
		...found
			.filter(([id], index) => found.findIndex(([other]) => other === id) !== index)
			.map(([id]) => `${id} is mapped twice`),
		...differences.filter(({ check }) => !listed.includes(check)).map(({ check }) => `${check} is no check of ${name}`),
		...found.flatMap(([id, mapping]) =>
			"rules" in mapping
				? mapping.rules.filter((rule) => !rules.has(rule)).map((rule) => `${id} names ${rule}, which is no rule`)
				: [],
		),
	];
	if (mistakes.length > 0) {
		throw new Error(`compliance/oracles/${file}: ${mistakes.join("; ")}.`);
	}
	const byId = new Map(found);
	return { name, checks: listed.map((id) => ({ id, mapping: byId.get(id)! })), differences };
}

function read(file: string): unknown {
	return parse(readFileSync(new URL(file, import.meta.url), "utf8"));
}
