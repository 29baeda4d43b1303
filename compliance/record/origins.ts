/**
 * Which parts of a resource come from the stack file, and from which key. Such a part becomes a placeholder of the record, so
 * that another stack file may have another value there; every other part is a constant of the program.
 */
import { z } from "zod";
import { formatOf, formats, wholly } from "../../policies/lib/record/formats.ts";
import { parseTaint } from "../../src/config/derived/node-taints.ts";
import { bareSchema } from "../../src/config/read/readable.ts";
import { type StackConfig, stackSchema } from "../../src/config/schema/stack.ts";
import { previewSecrets } from "../evaluation/preview.ts";
import { computedFrom } from "./computed-numbers.ts";
import { type Key, keyOf, partKey, portKey, spelledKey, spellings, taintKey } from "./keys.ts";
import { outputMarks } from "./output-marks.ts";
import { credentials } from "./switches.ts";

/** The values of one stack file that a person chooses freely, each with the keys that have it. */
export interface Origins {
	/** Names and other texts, the longest first, each with the pattern that finds it as a whole. */
	texts: readonly { text: string; pattern: RegExp; keys: ReadonlySet<Key> }[];
	numbers: ReadonlyMap<number, ReadonlySet<Key>>;
	/** How many nodes there are, as a text: an argument of the network check. */
	count: string;
	/** Lines of a file with kernel settings. */
	kernelSettings: ReadonlySet<string>;
	/** By text, all stack files whose resources have it somewhere. */
	appearances: ReadonlyMap<string, ReadonlySet<Origins>>;
}

/** A shorter text stands in other words by chance. */
const shortest = 3;

/** @param appearances those of all stack files of a record */
export function originsOf(stack: StackConfig, appearances: Origins["appearances"] = new Map()): Origins {
	const found: Found = { texts: new Map(), numbers: new Map() };
	collect(keyOf(stackSchema, ""), stack, found);
	const spelled = new Map<string, Set<Key>>();
	for (const [text, keys] of found.texts) {
		for (const spelling of spellings) {
			for (const key of keys) {
				add(spelled, spelledKey.spell(spelling, text), spelledKey(key, spelling));
			}
		}
	}
	return {
		texts: [...spelled]
			.filter(([text]) => text !== "" && text !== "true" && text !== "false")
			.sort(([a], [b]) => b.length - a.length)
			.map(([text, keys]) => ({
				text,
				pattern: patternFor(text),
				keys,
			})),
		numbers: found.numbers,
		count: String(Object.keys(stack.nodes).length),
		appearances,
		kernelSettings: new Set(Object.entries(stack.cluster.kernel.settings).map((setting) => setting.join(" = "))),
	};
}

/**
 * An address before the prefix of a network is not that address; a /32 is. A text without a dot is no part of a name with
 * dots.
 */
function patternFor(text: string): RegExp {
	const start = text.includes(".") ? "(?<![A-Za-z0-9])" : String.raw`(?<![A-Za-z0-9]|[A-Za-z0-9]\.)`;
	const end = wholly("address")(text) ? String.raw`(?!\/(?!32(?!\d))\d)` : "";
	return new RegExp(`${start}${escaped(text)}(?![A-Za-z0-9])${end}`, "g");
}

interface Found {
	texts: Map<string, Set<Key>>;
	numbers: Map<number, Set<Key>>;
}

function add<Value>(map: Map<Value, Set<Key>>, value: Value, key: Key): void {
	map.set(value, (map.get(value) ?? new Set()).add(key));
}

/** The name of a mirror of all registries. */
const all = "*";

/** One of a short list is no free value: the record has each of them. */
function collect(key: Key, value: unknown, found: Found): void {
	if (value === undefined || value === null) {
		return;
	}
	const kind = optionFor(bareSchema(key.schema), value);
	if (kind instanceof z.ZodObject) {
		for (const [name, member] of Object.entries<z.core.$ZodType>(kind.shape)) {
			collect(keyOf(member, `${key.path}.${name}`), (value as Record<string, unknown>)[name], found);
		}
	} else if (kind instanceof z.ZodRecord) {
		for (const [name, member] of Object.entries(value)) {
			if (name !== all) {
				collectFree(keyOf(kind.keyType, `${key.path}.<name>`), name, found);
			}
			collect(keyOf(kind.valueType, `${key.path}.*`), member, found);
		}
	} else if (kind instanceof z.ZodArray) {
		for (const element of value as unknown[]) {
			collect(keyOf(kind.element, `${key.path}.*`), element, found);
		}
	} else if (!(kind instanceof z.ZodEnum || kind instanceof z.ZodLiteral)) {
		collectFree(keyOf(kind, key.path), value, found);
	}
}

/** The form of several that a value has. */
function optionFor(schema: z.core.$ZodType, value: unknown): z.core.$ZodType {
	if (!(schema instanceof z.ZodUnion)) {
		return schema;
	}
	const option = schema.options.find((candidate) => z.safeParse(candidate, value).success);
	return option ? bareSchema(option) : schema;
}

/** A value whose schema has no more parts: a text, a number, or data of any form. */
function collectFree(key: Key, value: unknown, found: Found): void {
	if (typeof value === "string") {
		add(found.texts, value, key);
		// A host of a URL or with a port, and the ends of a range, stand elsewhere on their own.
		for (const part of partKey.of(value)) {
			add(found.texts, part, partKey(key));
		}
		if (key.path === ".nodes.*.taints.*") {
			add(found.texts, parseTaint(value).key, taintKey(key));
		}
		const port = portKey.of(value);
		if (port !== undefined) {
			add(found.numbers, port, portKey(key));
		}
	} else if (typeof value === "number") {
		add(found.numbers, value, key);
		for (const { number, path, schema } of computedFrom(key, value)) {
			add(found.numbers, number, keyOf(schema, path));
		}
	} else if (typeof value === "object" && value !== null) {
		for (const [name, member] of Object.entries(value)) {
			add(found.texts, name, keyOf(z.string(), `${key.path}.<name>`));
			collectFree(keyOf(z.unknown(), `${key.path}.*`), member, found);
		}
	}
}

/** A mark that has another one in it stands before it. */
const marks = Object.entries(outputMarks)
	.map(
		([format, mark]) => [format, new RegExp(`(?<![A-Za-z0-9])${escaped(String(mark))}(?![A-Za-z0-9])`, "g")] as const,
	)
	.sort(([, a], [, b]) => b.source.length - a.source.length);

const logins = JSON.parse(credentials.registryCredentials) as Record<string, Record<string, string>>;

const credentialRegistries: readonly string[] = Object.keys(logins);

const secretTexts: readonly string[] = [
	// A script reads a key line by line.
	...Object.values(previewSecrets)
		.flatMap((text) => text.split("\n"))
		.filter((line) => line !== "" && !line.startsWith("-----")),
	...Object.values(logins).flatMap((login) => Object.values(login)),
];

/** Formats of values that the program has no constants of. */
export const always: ReadonlySet<string> = new Set(["digest", "certificate", "key", "hostkey", "renewal"]);

/** Name of the project, and of the stack in a preview without Pulumi. */
const stackName = "rke2-lab/preview";

/** A part of a text, and what gives it: keys of the stack file, or the format of another source. */
export interface Slot {
	text: string;
	/** Its place in the whole text. */
	start: number;
	sources: ReadonlySet<Key | string>;
	/** Where it is a list with more than one entry, what stands between them. */
	separator?: "," | " ";
}

const known = new WeakMap<Origins, Map<string, readonly Slot[]>>();

/** The parts of a text that do not come from the program, from left to right. */
export function slotsOf(text: string, origins: Origins): readonly Slot[] {
	const texts = known.get(origins) ?? new Map<string, readonly Slot[]>();
	known.set(origins, texts);
	const slots = texts.get(text) ?? findSlots(text, origins);
	texts.set(text, slots);
	return slots;
}

/** A number at the end of a name: where it differs it is the place in a list. */
export const counted = "counted";

/** Forms of a list whose entries have several sources. */
const lists = ["ports", "networks", "resolvers", "exceptions"] as const;

const isMark = /[\ue000-\uf8ff]/;

function common(sets: readonly ReadonlySet<Key | string>[]): (Key | string)[] {
	return [...(sets[0] ?? [])].filter((source) => sets.every((set) => set.has(source)));
}

/** The first of the characters that stand for a slot while the others are sought: no text has them. */
const firstMark = 0xe0_00;

function findSlots(text: string, { texts, numbers, count, kernelSettings }: Origins): readonly Slot[] {
	const format = formatOf(text);
	if (text === count) {
		return [{ text, start: 0, sources: new Set(["number", ...(numbers.get(Number(text)) ?? [])]) }];
	}
	if (kernelSettings.has(text) || always.has(format)) {
		return [{ text, start: 0, sources: new Set([kernelSettings.has(text) ? "sysctl" : format]) }];
	}
	// In a script each digit has some key that gives it.
	const isLong = text.includes("\n");
	const found: Omit<Slot, "start">[] = [];
	const mark = (part: string, sources: Slot["sources"]) =>
		String.fromCharCode(firstMark + found.push({ text: part, sources }) - 1);
	const slotOf = (one: string) => found[one.charCodeAt(0) - firstMark]!;
	const textOf = (marked: string) =>
		[...marked].map((letter) => (isMark.test(letter) ? slotOf(letter).text : letter)).join("");
	/** A network of one address is that address. */
	const markAddress = (part: string) =>
		part.endsWith("/32")
			? `${mark(part.slice(0, -"/32".length), new Set(["address"]))}/32`
			: mark(part, new Set([formatOf(part)]));
	/** The entries of a list of the stack file have one key. */
	const listOf = (marked: string, separator: "," | " "): string => {
		const entries = marked.split(separator);
		const list = textOf(marked);
		const keys = common(entries.map((one) => (one.length === 1 ? slotOf(one).sources : new Set<Key>())));
		const sources = keys.filter((key) => typeof key !== "string" && key.path.includes(".*"));
		if (sources.length > 0) {
			found.push({ text: list, sources: new Set(sources), separator });
		} else if (separator === " " || !/[,]/.test(marked)) {
			return marked;
		} else {
			found.push({ text: list, sources: new Set([lists.find((name) => wholly(name)(list)) ?? "words"]) });
		}
		return String.fromCharCode(firstMark + found.length - 1);
	};
	let rest = text.replaceAll(stackName, (name) => `rke2-lab/${mark(name.split("/")[1]!, new Set(["name"]))}`);
	rest = rest.replace(renewal, (part) => mark(part, new Set(["renewal"])));
	for (const [name, value] of marks) {
		rest = rest.replaceAll(value, (part) => mark(part, new Set([name])));
	}
	for (const registry of credentialRegistries) {
		rest = rest === registry ? mark(registry, new Set(["hostport"])) : rest;
	}
	for (const secret of secretTexts) {
		rest = rest.replaceAll(secret, (part) => mark(part, new Set(["secret"])));
	}
	for (const { text: value, pattern, keys } of texts) {
		if (rest === value || (value.length >= shortest && rest.includes(value))) {
			rest = rest.replace(pattern, (part) => mark(part, keys));
		}
	}
	rest = rest
		.replace(embedded, (part) => (usual.some((name) => wholly(name)(part)) ? markAddress(part) : part))
		.replace(/([\ue000-\uf8ff])(?=\/32(?!\d))/g, (_, one) => mark(textOf(one), new Set(["address"])))
		.replace(/(?<=^|[\s=:/,"'(-])(?<![\d\ue000-\uf8ff][/.])\d+(?=(?:Gi)?(?![\w.\ue000-\uf8ff]))/g, (part) => {
			const isNumber = part === String(Number(part)) && !(isLong && part.length === 1);
			const keys = isNumber ? numbers.get(Number(part)) : undefined;
			return keys ? mark(part, keys) : part;
		})
		.replace(/(?<=-)[0-9a-f]{8}$/, (part) => mark(part, new Set(["hash"])))
		.replace(/(?<=[a-z]-)\d+$/, (part) => mark(part, new Set([counted])))
		.replace(
			/[\ue000-\uf8ff](?::(?:53|[\ue000-\uf8ff])(?=[,\ue000-\uf8ff]|$))?(?:,[\ue000-\uf8ff](?::(?:53|[\ue000-\uf8ff])(?=[,\ue000-\uf8ff]|$))?)*/g,
			(part) => (/[,:]/.test(part) ? listOf(part, ",") : part),
		)
		.replace(/[\ue000-\uf8ff](?: [\ue000-\uf8ff])+/g, (part) => listOf(part, " "));
	const slots: Slot[] = [];
	let start = 0;
	for (const letter of rest) {
		const slot = found[letter.charCodeAt(0) - firstMark];
		if (slot) {
			slots.push({ ...slot, start });
		}
		start += slot ? slot.text.length : letter.length;
	}
	return slots;
}

const usual = ["network", "address", "digest"] as const;

/** The end of a certificate is a word of a command line. */
const renewal = new RegExp(`(?<= )${formats.renewal.pattern}$`);

/** Addresses, networks and digests in a text, also those that follow from the stack file without standing in it. */
const embedded = /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?:\/\d{1,2})?(?![\w.])|(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g;

function escaped(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
