/** The narrowest shape that many examples of a value have. */
import { UnknownValueError, unknownCheckingProxy } from "@pulumi/policy";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc.js";
import { isObject } from "../../policies/lib/reading/form.ts";
import {
	constantsOf,
	hasPlaceholder,
	isNumberTemplate,
	matchesTemplate,
	wholly,
} from "../../policies/lib/record/formats.ts";
import { deviationsFrom, type Shape } from "../../policies/lib/record/shapes.ts";
import type { Origins } from "./origins.ts";
import { constantLength, formatOfAll, nameTemplatesOf, templatesOf, withoutCovered } from "./texts.ts";

/** One value as one stack has it. */
export interface Sample {
	value: unknown;
	origins: Origins;
}

/** Values that have one form wherever they stand, such as the connection to a node. */
export interface Pool {
	samples: Sample[];
	shape?: Shape;
}

/** A value whose shape is that of all values of its pool. */
export class Pooled {
	readonly pool: Pool;

	constructor(pool: Pool) {
		this.pool = pool;
	}
}

function pooledShape(pool: Pool): Shape {
	pool.shape ??= generalize(pool.samples);
	return pool.shape;
}

/** Texts that are listed one by one; more of them have a format. */
const longestList = 6;

/** The same for numbers. */
const mostNumbers = 3;

/** @returns members in the order of their names, so that the record does not depend on the order of the stacks */
export function generalize(samples: readonly Sample[]): Shape {
	const known = samples.filter(({ value }) => value !== unknownValue);
	if (known.length < samples.length) {
		return { $output: known.length === 0 ? "<text>" : generalize(known) };
	}
	const kinds = Map.groupBy(known, ({ value }) => kindOf(value));
	const shapes = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, group]) => ofKind(kind, group));
	return choice(shapes);
}

type Kind = "pooled" | "list" | "object" | "text" | "other";

function kindOf(value: unknown): Kind {
	if (value instanceof Pooled) {
		return "pooled";
	}
	if (Array.isArray(value)) {
		return "list";
	}
	return isObject(value) ? "object" : typeof value === "string" ? "text" : "other";
}

function ofKind(kind: Kind, samples: readonly Sample[]): Shape {
	if (kind === "pooled") {
		const pools = new Set((samples as readonly (Sample & { value: Pooled })[]).map(({ value }) => value.pool));
		return choice([...pools].map(pooledShape));
	}
	if (kind === "list") {
		return listShape(samples as readonly (Sample & { value: unknown[] })[]);
	}
	if (kind === "object") {
		return objectShape(samples as readonly (Sample & { value: Record<string, unknown> })[]);
	}
	return kind === "text" ? textShape(samples) : otherShape(samples);
}

function choice(shapes: readonly Shape[]): Shape {
	const different = distinct(shapes);
	return different.length === 1 ? different[0]! : { $any: different };
}

function distinct(shapes: readonly Shape[]): Shape[] {
	return [...new Map(shapes.map((shape) => [JSON.stringify(shape), shape])).values()].sort((a, b) =>
		JSON.stringify(a) < JSON.stringify(b) ? -1 : 1,
	);
}

function textShape(samples: readonly Sample[]): Shape {
	const texts = [...new Set(samples.map(({ value }) => value as string))];
	const exact = templatesOf(samples.map(({ value, origins }) => ({ text: value as string, origins })));
	const templates =
		exact.length > longestList && exact.length <= 2 * longestList ? withoutCovered(exact, texts) : exact;
	return templates.length > longestList ? formatOfAll(texts) : choice(templates);
}

/** How much of a shape or a template is no placeholder. */
export function literalness(shape: Shape): number {
	return constantLength(JSON.stringify(shape));
}

/** A number by the range of the key that gives it. Other values are listed one by one, as far as they are few. */
function otherShape(samples: readonly Sample[]): Shape {
	const numbers = samples.filter(({ value }) => typeof value === "number");
	const others = [...new Set(samples.map(({ value }) => value as number | boolean))].filter(
		(value) => typeof value !== "number",
	);
	if (numbers.length === 0) {
		return choice(others);
	}
	const templates = templatesOf(numbers.map(({ value, origins }) => ({ text: String(value), origins })));
	const free = templates.length > mostNumbers ? ["<number>"] : templates;
	const number = (template: string) =>
		isNumberTemplate(template) ? template : hasPlaceholder(template) ? "<number>" : Number(template);
	return choice([...free.map(number), ...others]);
}

function objectShape(samples: readonly (Sample & { value: Record<string, unknown> })[]): Shape {
	const names = Map.groupBy(
		samples.flatMap((sample) => Object.keys(sample.value).map((name) => ({ name, sample }))),
		({ name }) => name,
	);
	const uses = [...names.values()].flat();
	const templates = nameTemplatesOf(uses.map(({ name, sample }) => ({ text: name, origins: sample.origins }))).sort(
		(a, b) => literalness(b) - literalness(a),
	);
	const members = Map.groupBy(uses, ({ name }) => templates.find((template) => matchesTemplate(template, name))!);
	return Object.fromEntries(
		[...members]
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([template, uses]) => {
				const having = new Set(uses.map(({ sample }) => sample));
				const shape = generalize(uses.map(({ name, sample: { value, origins } }) => ({ value: value[name], origins })));
				return [having.size === samples.length ? template : `${template}?`, shape];
			}),
	);
}

function listShape(samples: readonly (Sample & { value: unknown[] })[]): Shape {
	const [first] = samples;
	const length = first!.value.length;
	if (samples.every(({ value }) => value.length === length)) {
		const shapes = Array.from({ length }, (_, index) =>
			generalize(samples.map(({ value, origins }) => ({ value: value[index], origins }))),
		);
		const text = JSON.stringify(shapes);
		const repeated = shapes.length > 1 && distinct(shapes).length === 1 && hasPlaceholder(text);
		// The lines of a file have an order.
		const lines =
			shapes.filter((shape) => typeof shape === "string" && !hasPlaceholder(shape)).length > shapes.length / 2;
		if ((!text.includes('"$any"') || lines) && !repeated && (lines || !areNetworks(samples))) {
			return shapes;
		}
	}
	if (areNetworks(samples)) {
		return networksShape(samples);
	}
	const elements = samples.map(({ value, origins }) => value.map((element) => ({ value: element, origins })));
	const known = elements.flat().filter(({ value }) => value !== unknownValue);
	const shapes = elementShapes(elements.flat(), known);
	const shapeFor = (value: unknown): Shape => shapes.get(JSON.stringify(value))!;
	const lists = elements.map((list) => new Set(list.map(({ value }) => shapeFor(value))));
	const each = distinct(lists.flatMap((list) => [...list]));
	const all = each.filter((shape) => lists.every((list) => list.has(shape)));
	const some = each.filter((shape) => !all.includes(shape));
	return {
		...(all.length > 0 && { $all: all }),
		...(some.length > 0 && { $each: reduced(some) }),
		// An empty list often means everything, as the sources of a network policy do.
		...(all.length === 0 && samples.every(({ value }) => value.length > 0) && { $least: 1 }),
	};
}

function areNetworks(samples: readonly Sample[]): boolean {
	const elements = samples.flatMap(({ value }) => value as unknown[]);
	return elements.length > 0 && elements.every((element) => typeof element === "string" && wholly("network")(element));
}

/** As many networks as the stack file has, in any order: a destination leaves out the address of each machine. */
function networksShape(samples: readonly (Sample & { value: unknown[] })[]): Shape {
	const texts = samples.flatMap(({ value, origins }) => value.map((text) => ({ text: text as string, origins })));
	const templates = templatesOf(texts);
	const all = templates.filter((one) => !hasPlaceholder(one) && samples.every(({ value }) => value.includes(one)));
	const isFree = templates.length > all.length;
	return {
		...(all.length > 0 && { $all: all }),
		...(isFree && { $each: ["<network>"] }),
		...(all.length === 0 && samples.every(({ value }) => value.length > 0) && { $least: 1 }),
	};
}

/** The shape of each element of lists by its JSON: elements that differ only in what the stack file gives have the same. */
function elementShapes(elements: readonly Sample[], known: readonly Sample[]): Map<string, Shape> {
	const same = Map.groupBy(elements, ({ value }) => JSON.stringify(value));
	const texts = known.filter(({ value }) => typeof value === "string");
	const templates = templatesOf(texts.map(({ value, origins }) => ({ text: value as string, origins })));
	const others = [...same.values()].filter(
		([first]) => typeof first!.value !== "string" || first!.value === unknownValue,
	);
	const alike = Map.groupBy(others, (group) => constantsOf(JSON.stringify(shapeOf(group))).join("<>"));
	const exact = distinct([...alike.values()].map((groups) => shapeOf(groups.flat())).concat(templates)).sort(
		(a, b) => literalness(b) - literalness(a),
	);
	// An element that is unknown in the first preview is one of those that later previews have.
	function shapeOf(group: readonly Sample[]): Shape {
		return group[0]!.value === unknownValue && known.length > 0 ? { $output: generalize(known) } : generalize(group);
	}
	return new Map(
		[...same].map(([text, [first]]) => {
			const shape = exact.find((candidate) => accepts(candidate, first!.value));
			if (shape === undefined) {
				throw new Error(`No shape stands for ${text}.`);
			}
			return [text, shape];
		}),
	);
}

function accepts(shape: Shape, value: unknown): boolean {
	try {
		return deviationsFrom([shape] as readonly Shape[], unknownCheckingProxy([value])).length === 0;
	} catch (error) {
		if (error instanceof UnknownValueError) {
			return false;
		}
		throw error;
	}
}

/** Many texts have a format instead. */
function reduced(shapes: readonly Shape[]): Shape[] {
	const texts = shapes.filter((shape) => typeof shape === "string");
	const others = shapes.filter((shape) => typeof shape !== "string");
	const free = texts.filter((text) => hasPlaceholder(text));
	return free.length <= 2 * longestList
		? [...shapes]
		: [...others, ...texts.filter((text) => !free.includes(text)), "<line>"];
}
