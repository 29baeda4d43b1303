/** The record of known resources, made from what the program declares for many stack files. */
import { unknownValue } from "@pulumi/pulumi/runtime/rpc.js";
import { matchesTemplate } from "../../policies/lib/record/formats.ts";
import type { KnownResources } from "../../policies/lib/record/known-resources.ts";
import type { Shape } from "../../policies/lib/record/shapes.ts";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { nodeStepOf } from "../../src/facts/resource-names.ts";
import { toResource } from "../evaluation/evaluate-stack.ts";
import { type Declared, previewStack } from "../evaluation/preview.ts";
import { generalize, literalness, type Sample } from "./generalize.ts";
import { type Origins, originsOf } from "./origins.ts";
import { outputMarks } from "./output-marks.ts";
import { existingOutputs, expiringOutputs, withMarkedIds } from "./outputs.ts";
import { Pools } from "./pools.ts";
import { readContents } from "./read-contents.ts";
import type { RecordedStack } from "./stacks.ts";

/** What the previews of these stack files declare. */
export async function previewsOf(stacks: readonly RecordedStack[]): Promise<Preview[]> {
	const previews: Preview[] = [];
	for (const { values, stack, secrets, expiring } of stacks) {
		// The first preview, which knows no output, and later ones, which know them all.
		const later = [existingOutputs(), ...(expiring ? [await expiringOutputs()] : [])].map(withMarkedIds);
		for (const outputs of [undefined, ...later]) {
			const declared = await previewStack(values, secrets, outputs);
			const resources = declared.map((one) => ({ type: one.type, name: one.name, contents: contents(one) }));
			previews.push({ stack, resources });
		}
	}
	return previews;
}

/** What the program declares for one stack file, each input as a rule reads it. */
export interface Preview {
	stack: StackConfig;
	resources: readonly { type: string; name: string; contents: unknown }[];
}

/** @returns for each type, in the order of their names, the shape of the inputs by the template of a resource's name */
export function recordOf(previews: readonly Preview[]): KnownResources {
	const types = new Map<string, Named[]>();
	const pools = new Pools();
	const appearances = new Map<string, Set<Origins>>();
	for (const { stack, resources } of previews) {
		const origins = originsOf(stack, appearances);
		const names = namesIn(stack);
		for (const { type, name, contents: value } of resources) {
			const known = types.get(type) ?? [];
			types.set(type, known);
			for (const text of textsIn(value)) {
				appearances.set(text, (appearances.get(text) ?? new Set()).add(origins));
			}
			known.push({
				name,
				template: templateOfName(name, names),
				sample: { value: pools.pooled(type, value, origins), origins },
			});
		}
	}
	return Object.fromEntries(
		sorted(types).map(([type, resources]) => [type, Object.fromEntries(sorted(byTemplate(resources)))]),
	) as KnownResources;
}

/** All texts of a value, names of members included. */
function* textsIn(value: unknown): Generator<string> {
	if (typeof value === "string") {
		yield value;
	} else if (Array.isArray(value)) {
		for (const element of value) {
			yield* textsIn(element);
		}
	} else if (typeof value === "object" && value !== null) {
		for (const [name, member] of Object.entries(value)) {
			yield name;
			yield* textsIn(member);
		}
	}
}

/** One resource with its name as a template. */
interface Named {
	name: string;
	template: string;
	sample: Sample;
}

/** The most exact template that stands for a name counts: one stack file may call a namespace like a part of another name. */
function byTemplate(resources: readonly Named[]): Map<string, Shape> {
	const templates = [...new Set(resources.map(({ template }) => template))].sort(
		(a, b) => literalness(b) - literalness(a) || (a < b ? -1 : 1),
	);
	const groups = Map.groupBy(resources, ({ name }) => templates.find((template) => matchesTemplate(template, name))!);
	return new Map([...groups].map(([template, group]) => [template, generalize(group.map(({ sample }) => sample))]));
}

function sorted<Value>(map: ReadonlyMap<string, Value>): [string, Value][] {
	return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Names of the stack file from which names of resources are made, the longest first. */
function namesIn({ cluster, proxmox, nodes, gpus, platform, access }: StackConfig): string[] {
	const names = [nodes, proxmox.hosts ?? {}, gpus, platform.namespaces ?? {}, access.namespaces].flatMap(Object.keys);
	return [...new Set([...names, cluster.name])].sort((a, b) => b.length - a.length);
}

/** The name of a resource with a placeholder for each part that a stack file gives. */
function templateOfName(name: string, names: readonly string[]): string {
	if (["restore", "encryption"].includes(nodeStepOf(name) ?? "")) {
		// The names of the node, and of a snapshot or a key, stand before it.
		return name.replace(/^.*(?=-[a-z]+-[a-z]+$)/, "<file>");
	}
	let slot = name;
	for (const part of names) {
		slot = slot.replace(new RegExp(`(?<![a-z0-9])${part.replaceAll(".", "\\.")}(?![a-z0-9])`, "g"), "<name>");
	}
	return slot.replace(/(?<=-)[0-9a-f]{8}$/, "<hash>").replace(/(?<![a-z0-9])\d+$/, "<number>");
}

/** The contents as a rule reads them. */
export function contents(declared: Declared): unknown {
	const read = readContents(toResource(declared));
	for (const input of decidedByRules[declared.type] ?? []) {
		if (typeof read[input] === "string" && read[input] !== unknownValue) {
			read[input] = outputMarks.line;
		}
	}
	return read;
}

/** Inputs of any form in the record, because another rule decides them: rke2-node-commands reads each word of a command line. */
const decidedByRules: Readonly<Record<string, readonly string[]>> = { "command:remote:Command": ["create"] };
