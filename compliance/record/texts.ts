/** Templates of texts and numbers: which part of them is the program's own, and which values a stack file may give for the others. */
import type { FormatName } from "../../policies/lib/record/format-names.ts";
import {
	constantsOf,
	formatNames,
	matchesTemplate,
	patternOf,
	placeholdersIn,
} from "../../policies/lib/record/formats.ts";
import { formatOfKey, type Key, narrowest } from "./keys.ts";
import { always, counted, type Origins, type Slot, slotsOf } from "./origins.ts";

export interface Text {
	text: string;
	origins: Origins;
}

/** More templates for one text than this have a format of the examples instead. */
const mostFormats = 4;

/** Templates of the names of an object: a constant one has another value than those that the stack file gives. */
export function nameTemplatesOf(samples: readonly Text[]): string[] {
	return [...exactTemplates(samples).keys()].sort();
}

/** Templates of values, without those whose texts another one stands for as well. */
export function templatesOf(samples: readonly Text[]): string[] {
	const chosen = exactTemplates(samples);
	const isNeeded = (template: string) =>
		![...chosen.keys()].some((other) => isWithin(template, chosen.get(template)!, other));
	return [...chosen.keys()].filter(isNeeded).sort();
}

/** For each text the template with the fewest placeholders that stands for it: one stack may call a node like a part of it. */
function exactTemplates(samples: readonly Text[]): Map<string, string[]> {
	const origins = new Map<string, Set<Origins>>();
	for (const { text, origins: stack } of samples) {
		origins.set(text, (origins.get(text) ?? new Set()).add(stack));
	}
	const parts = [...origins].map(([text, stacks]) => partsOf(text, [...stacks]));
	const templates = [...Map.groupBy(parts, ({ literals }) => literals.join("\u0000")).values()]
		.flatMap(templatesOfGroup)
		.sort((a, b) => constantLength(b) - constantLength(a) || (a < b ? -1 : 1));
	return Map.groupBy(origins.keys(), (text) => exactOf(text, templates));
}

/** Whether another template stands for all that a template stands for. */
function isWithin(template: string, texts: readonly string[], other: string): boolean {
	if (other === template) {
		return false;
	}
	const marked = placeholdersIn(template).reduce(
		(sum, name) => sum.replace(name, `\ue000${name.slice(1, -1)}\ue001`),
		template,
	);
	const [first = "", ...rest] = constantsOf(other).map(escaped);
	const source = placeholdersIn(other).reduce((sum, name, index) => {
		const pattern = patternOf(name).source.slice(1, -1);
		const within = placeholdersIn(template).filter((one) => isFormatWithin(one, name));
		const names = within.map((one) => escaped(one.slice(1, -1))).join("|") || "-";
		return `${sum}(?:\ue000(?:${names})\ue001|(${pattern}))${rest[index]}`;
	}, first);
	const [, ...values] = new RegExp(`^${source}$`).exec(marked) ?? ["", "\ue000"];
	return (
		// A value of one placeholder must not be another placeholder.
		values.every((value) => !value?.includes("\ue000")) && texts.every((text) => matchesTemplate(other, text))
	);
}

/** Formats by some that have all their values. */
const wider: Readonly<Record<string, readonly string[]>> = {
	namespace: ["name", "file", "word", "line"],
	domain: ["hostport", "name", "file", "word", "line"],
	email: ["word", "line"],
	name: ["file", "word", "line"],
	file: ["word", "line"],
	address: ["hostport", "networks", "name", "file", "word", "line"],
	network: ["networks", "word", "line"],
	hostport: ["word", "line"],
	quantity: ["word", "line"],
	version: ["word", "line"],
	https: ["mirror", "url", "word", "line"],
	mirror: ["url", "word", "line"],
	url: ["word", "line"],
	word: ["line"],
	schedule: ["line"],
	number: ["name", "file", "word", "line"],
	hostkey: ["sshkey"],
};

/** Whether each value of a placeholder is one of another as well. */
function isFormatWithin(placeholder: string, other: string): boolean {
	const [name, otherName] = [placeholder, other].map((text) => text.slice(1, -1)) as [string, string];
	const [least, most] = name.split("..");
	const [otherLeast, otherMost] = otherName.split("..");
	if (most !== undefined && otherMost === undefined) {
		return ["number", "name", "file", "word", "line"].includes(otherName);
	}
	if (most !== undefined && otherMost !== undefined) {
		return (
			Number(least) >= Number(otherLeast) && (otherMost === "" || (most !== "" && Number(most) <= Number(otherMost)))
		);
	}
	return (
		name === otherName ||
		otherName === `${name},...` ||
		otherName === `${name} ...` ||
		(wider[name]?.includes(otherName) ?? false)
	);
}

function escaped(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

/** A text as its constant parts and the parts between them. */
interface Parts {
	literals: readonly string[];
	slots: readonly Slot[];
}

/**
 * A part that one of the stack files does not give is the program's own: the others have it by chance. A part of a longer text
 * is compared with the same text at any place, a whole text only with those at its own place.
 */
function partsOf(text: string, [first, ...others]: readonly Origins[]): Parts {
	const local = shared(text, slotsOf(text, first!), others);
	const isWhole = local.some((slot) => slot.text === text);
	const slots = isWhole ? local : shared(text, local, first!.appearances.get(text) ?? []);
	const ends = [0, ...slots.map((slot) => slot.start + slot.text.length)];
	const starts = [...slots.map(({ start }) => start), text.length];
	return { literals: ends.map((end, index) => text.slice(end, starts[index])), slots };
}

function shared(text: string, slots: readonly Slot[], others: Iterable<Origins>): readonly Slot[] {
	let left = slots;
	for (const origins of others) {
		left = left.length === 0 ? left : common(left, slotsOf(text, origins));
	}
	return left;
}

function common(slots: readonly Slot[], others: readonly Slot[]): Slot[] {
	return slots.flatMap((slot) => {
		const same = others.find(({ start, text }) => start === slot.start && text === slot.text);
		const sources = new Set([...slot.sources].filter((source) => same?.sources.has(source)));
		return sources.size > 0 ? [{ ...slot, sources }] : [];
	});
}

/** @throws Error when no template stands for the text that it was made from: a fault of the formats */
function exactOf(text: string, templates: readonly string[]): string {
	const found = templates.find((template) => matchesTemplate(template, text));
	if (found === undefined) {
		throw new Error(`No template stands for ${JSON.stringify(text)}; there are ${templates.join(" and ")}.`);
	}
	return found;
}

/** How many characters of a template are no placeholder. */
export function constantLength(template: string): number {
	return constantsOf(template).join("").length;
}

/** The templates of texts whose constant parts are the same. */
function templatesOfGroup(group: readonly Parts[]): string[] {
	const [{ literals }] = group as [Parts];
	const formats = literals.slice(1).map((_, index) => formatsOf(group.map(({ slots }) => slots[index]!)));
	const count = formats.reduce((product, { length }) => product * length, 1);
	const chosen =
		count <= mostFormats
			? formats
			: formats.map((names, index) =>
					names.length === 1 ? names : [`<${narrowest(group.map(({ slots }) => slots[index]!.text))}>`],
				);
	return chosen.reduce<string[]>(
		(templates, names, index) =>
			templates.flatMap((template) => names.map((name) => `${template}${name}${literals[index + 1]}`)),
		[literals[0]!],
	);
}

/**
 * What may stand in one place: values of the key that gives it in every stack file, or the same text where no key
 * gives it in all of them.
 */
function formatsOf(slots: readonly Slot[]): string[] {
	const [first] = slots;
	const common = [...first!.sources].filter((source) => slots.every(({ sources }) => sources.has(source)));
	const texts = [...new Set(slots.map(({ text }) => text))];
	if (common.length > 0 && !(texts.length === 1 && common.includes(counted))) {
		return [repeated(slots, formatOf(common, entriesOf(slots)))];
	}
	if (texts.length === 1) {
		return texts;
	}
	const formats = new Set<string>();
	let rest = slots;
	while (rest.length > 0) {
		const source = mostFrequent(rest);
		const covered = rest.filter(({ sources }) => sources.has(source));
		formats.add(repeated(covered, formatOf([source], entriesOf(covered))));
		rest = rest.filter(({ sources }) => !sources.has(source));
	}
	return withoutCovered([...formats], texts);
}

function entriesOf(slots: readonly Slot[]): string[] {
	return [
		...new Set(slots.flatMap(({ text, separator }) => (separator === undefined ? [text] : text.split(separator)))),
	];
}

/** The placeholder for a list, where one of the values is one. */
function repeated(slots: readonly Slot[], format: string): string {
	const separator = slots.find((slot) => slot.separator !== undefined)?.separator;
	if (separator === undefined) {
		return format;
	}
	if (["<networks>", "<resolvers>", "<exceptions>"].includes(format)) {
		return format;
	}
	// A format of texts with blanks or commas has no end before the next entry.
	return ["<line>", "<text>", "<word>", "<words>"].includes(format)
		? `<${narrowest(slots.map(({ text }) => text))}>`
		: `${format.slice(0, -1)}${separator}...>`;
}

/** @param sources that all give the same texts: the narrowest format of the nearest ones counts */
function formatOf(sources: readonly (Key | string)[], texts: readonly string[]): string {
	const example = narrowest(texts);
	if (always.has(example)) {
		return `<${example}>`;
	}
	const nearest = Math.min(...sources.map(distance));
	const formats = sources
		.filter((source) => distance(source) === nearest)
		.map((source) =>
			typeof source !== "string" ? formatOfKey(source, texts) : source === counted ? "number" : source,
		);
	return `<${formats.reduce((narrow, format) => (rank(format) < rank(narrow) ? format : narrow))}>`;
}

/** A range comes first, and then the formats from the narrowest on. */
function rank(format: string): number {
	return formatNames.indexOf(format as FormatName);
}

function mostFrequent(slots: readonly Slot[]): Key | string {
	const counts = new Map<Key | string, number>();
	for (const { sources } of slots) {
		for (const source of sources) {
			counts.set(source, (counts.get(source) ?? 0) + 1);
		}
	}
	return [...counts].sort(
		([a, x], [b, y]) => y - x || distance(a) - distance(b) || (nameOf(a) < nameOf(b) ? -1 : 1),
	)[0]![0];
}

function distance(source: Key | string): number {
	return typeof source === "string" ? 0 : source.distance;
}

function nameOf(source: Key | string): string {
	return typeof source === "string" ? source : source.path;
}

/** The templates without those whose texts the others stand for as well: a shorter list, and no text more. */
export function withoutCovered(templates: readonly string[], texts: readonly string[]): string[] {
	return templates.reduce(
		(kept, template) => {
			const others = kept.filter((other) => other !== template);
			const covered = texts.every((text) => others.some((other) => matchesTemplate(other, text)));
			return covered ? others : kept;
		},
		[...templates],
	);
}

/** The narrowest format of all texts. */
export function formatOfAll(texts: readonly string[]): string {
	return `<${narrowest(texts)}>`;
}
