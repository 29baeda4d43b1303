/** The narrowest shape that many examples of a value have. */
import { UnknownValueError, unknownCheckingProxy } from "@pulumi/policy";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc.js";
import { isObject } from "../../policies/lib/reading/form.ts";
import { formatNames, matchesTemplate, wholly } from "../../policies/lib/record/formats.ts";
import { deviationsFrom, type Shape } from "../../policies/lib/record/shapes.ts";
import { isFree, type Origins, outputMarks, templateOf } from "./origins.ts";

/** One value as one stack has it. */
export interface Sample {
	value: unknown;
	origins: Origins;
}

/** Texts that are listed one by one; more of them have a format. */
const longestList = 6;

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

type Kind = "list" | "object" | "text" | "other";

function kindOf(value: unknown): Kind {
	if (Array.isArray(value)) {
		return "list";
	}
	return isObject(value) ? "object" : typeof value === "string" ? "text" : "other";
}

function ofKind(kind: Kind, samples: readonly Sample[]): Shape {
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

/** One value in every stack is the program's own, whatever it looks like. */
function textShape(samples: readonly Sample[]): Shape {
	const texts = [...new Set(samples.map(({ value }) => value as string))];
	if (texts.length === 1 && samples.length > 1 && !isFree(texts[0]!, samples[0]!.origins)) {
		return texts[0]!;
	}
	const exact = mostExact(samples.map(({ value, origins }) => ({ text: value as string, origins })));
	const templates =
		exact.length > longestList && exact.length <= 2 * longestList ? withoutCovered(exact, texts) : exact;
	if (templates.length > longestList || (templates.length === 1 && /^<(?:name|word|line)>$/.test(templates[0]!))) {
		return `<${formatNames.find((name) => texts.every(wholly(name))) ?? "text"}>`;
	}
	// A number below ten is too short for a part of a stack file to be found in it.
	return choice(templates.includes("<number>") ? templates.filter((text) => !/^\d+$/.test(text)) : templates);
}

/** For each text the template with the fewest placeholders that stands for it: one stack may call a node like a part of it. */
function mostExact(samples: readonly { text: string; origins: Origins }[]): string[] {
	const different = [...new Set(samples.map(({ text, origins }) => templateOf(text, origins)))];
	const exact = different.sort((a, b) => literalness(b) - literalness(a) || (a < b ? -1 : 1));
	const texts = new Set(samples.map(({ text }) => text));
	return [...new Set([...texts].map((text) => exactOf(text, exact)))].sort();
}

/** The templates without those whose texts the others stand for as well: a shorter list, and no text more. */
function withoutCovered(templates: readonly string[], texts: readonly string[]): string[] {
	return templates.reduce(
		(kept, template) => {
			const others = kept.filter((other) => other !== template);
			const covered = texts.every((text) => others.some((other) => matchesTemplate(other, text)));
			return covered ? others : kept;
		},
		[...templates],
	);
}

/** @throws Error when no template stands for the text that it was made from: a fault of the formats */
function exactOf(text: string, templates: readonly string[]): string {
	const found = templates.find((template) => matchesTemplate(template, text));
	if (found === undefined) {
		throw new Error(`No template stands for ${JSON.stringify(text)}; there are ${templates.join(" and ")}.`);
	}
	return found;
}

/** How much of a shape or a template is no placeholder. */
export function literalness(shape: Shape): number {
	return JSON.stringify(shape).replaceAll(/<\w+>/g, "").length;
}

function otherShape(samples: readonly Sample[]): Shape {
	const values = [...new Set(samples.map(({ value }) => value as number | boolean))];
	if (values.length === 1 && samples.length > 1 && values[0] !== outputMarks.number) {
		return values[0]!;
	}
	const free =
		values.includes(outputMarks.number) ||
		samples.some(({ value, origins }) => typeof value === "number" && origins.numbers.has(value));
	const numbers = values.filter((value) => typeof value === "number");
	return free || numbers.length > 3
		? choice(["<number>", ...values.filter((value) => typeof value !== "number")])
		: choice(values);
}

function objectShape(samples: readonly (Sample & { value: Record<string, unknown> })[]): Shape {
	const names = Map.groupBy(
		samples.flatMap((sample) => Object.keys(sample.value).map((name) => ({ name, sample }))),
		({ name }) => name,
	);
	const isConstant = (name: string) => names.get(name)!.length === samples.length && !isFree(name, samples[0]!.origins);
	const uses = [...names.values()].flat();
	const templates = [
		...[...names.keys()].filter(isConstant),
		...mostExact(
			uses.filter(({ name }) => !isConstant(name)).map(({ name, sample }) => ({ text: name, origins: sample.origins })),
		),
	].sort((a, b) => literalness(b) - literalness(a));
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
		const repeated = shapes.length > 1 && distinct(shapes).length === 1 && /<\w+>/.test(text);
		// The lines of a file have an order.
		const lines =
			shapes.filter((shape) => typeof shape === "string" && !/<\w+>/.test(shape)).length > shapes.length / 2;
		if ((!text.includes('"$any"') || lines) && !repeated) {
			return shapes;
		}
	}
	const elements = samples.map(({ value, origins }) => value.map((element) => ({ value: element, origins })));
	const known = elements.flat().filter(({ value }) => value !== unknownValue);
	// An element that is unknown in the first preview is one of those that later previews have.
	const shapeOf = (element: Sample): Shape =>
		element.value === unknownValue && known.length > 0 ? { $output: generalize(known) } : generalize([element]);
	const exact = distinct(elements.flat().map(shapeOf)).sort((a, b) => literalness(b) - literalness(a));
	const chosen = new Map<string, Shape>();
	const shapeFor = (value: unknown): Shape => {
		const text = JSON.stringify(value);
		const shape = chosen.has(text) ? chosen.get(text) : exact.find((candidate) => accepts(candidate, value));
		if (shape === undefined) {
			throw new Error(`No shape stands for ${text}.`);
		}
		chosen.set(text, shape);
		return shape;
	};
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
	const free = texts.filter((text) => /<\w+>/.test(text));
	return free.length <= 2 * longestList
		? [...shapes]
		: [...others, ...texts.filter((text) => !free.includes(text)), "<line>"];
}
