/**
 * Which parts of a resource come from the stack file. Such a part becomes a placeholder of the record, so that another stack
 * file may have another value there; every other part is a constant of the program.
 */
import { z } from "zod";
import { formatOf, formats, wholly } from "../../policies/lib/record/formats.ts";
import { bareSchema } from "../../src/config/read/readable.ts";
import { type StackConfig, stackSchema } from "../../src/config/schema/stack.ts";
import { previewSecrets } from "../evaluation/preview.ts";
import { credentials } from "./switches.ts";

/** The values of one stack file that a person chooses freely. */
export interface Origins {
	/** Names and other texts, the longest first, each with the pattern that finds it as a whole. */
	texts: readonly { text: string; pattern: RegExp }[];
	numbers: ReadonlySet<number>;
	/** How many nodes there are, as a text: an argument of the network check. */
	count: string;
	/** Names of nodes and hosts: in every stack that differs in nothing else they look like constants. */
	machines: ReadonlySet<string>;
}

const base64 = "b3V0cHV0IG9mIGFub3RoZXIgcmVzb3VyY2U=";

/** Outputs of resources that exist, in the form in which other resources read them, each by its format. */
export const outputMarks = {
	line: "[output: line]",
	hostkey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOi7eQhFymZCw2bl01oWMpf5i8fN3RxQRYzc0WqG+pE0",
	base64,
	key: `-----BEGIN OPENSSH PRIVATE KEY-----\n${base64}\n-----END OPENSSH PRIVATE KEY-----\n`,
	number: 987_654_321,
} as const;

/** A shorter text stands in other words by chance. */
const shortest = 3;

export function originsOf(stack: StackConfig): Origins {
	const texts = new Set<string>();
	const numbers = new Set<number>();
	collect(stackSchema, stack, texts, numbers);
	for (const value of ["true", "false"]) {
		texts.delete(value);
	}
	const spellings = [...texts].flatMap((text) => [text, text.toLowerCase(), encodeURIComponent(text)]);
	return {
		texts: [...new Set(spellings)]
			.filter((text) => text.length >= shortest)
			.sort((a, b) => b.length - a.length)
			.map((text) => ({ text, pattern: new RegExp(`(?<![A-Za-z0-9])${escaped(text)}(?![A-Za-z0-9])`, "g") })),
		numbers,
		count: String(Object.keys(stack.nodes).length),
		machines: new Set([stack.nodes, stack.proxmox.hosts ?? {}].flatMap(Object.keys)),
	};
}

/** One of a short list is no free value: the record has each of them. */
function collect(schema: z.core.$ZodType, value: unknown, texts: Set<string>, numbers: Set<number>): void {
	const kind = bareSchema(schema);
	if (value === undefined || value === null) {
		return;
	}
	if (kind instanceof z.ZodObject) {
		for (const [name, member] of Object.entries<z.core.$ZodType>(kind.shape)) {
			collect(member, (value as Record<string, unknown>)[name], texts, numbers);
		}
	} else if (kind instanceof z.ZodRecord) {
		for (const [name, member] of Object.entries(value)) {
			texts.add(name);
			collect(kind.valueType, member, texts, numbers);
		}
	} else if (kind instanceof z.ZodArray) {
		for (const element of value as unknown[]) {
			collect(kind.element, element, texts, numbers);
		}
	} else if (!(kind instanceof z.ZodEnum || kind instanceof z.ZodLiteral)) {
		collectFree(value, texts, numbers);
	}
}

/** A value whose schema has no more parts: a text, a number, or data of any form. */
function collectFree(value: unknown, texts: Set<string>, numbers: Set<number>): void {
	if (typeof value === "string") {
		texts.add(value);
		// A host of a URL or with a port, and the ends of a range, stand elsewhere on their own.
		for (const part of value.match(/[A-Za-z0-9][\w.-]*[A-Za-z0-9]/g) ?? []) {
			if (part.includes(".")) {
				texts.add(part);
			}
		}
		const port = /^[a-z0-9.-]+:(\d+)$/.exec(value)?.[1];
		if (port !== undefined) {
			numbers.add(Number(port));
		}
	} else if (typeof value === "number") {
		numbers.add(value);
	} else if (typeof value === "object" && value !== null) {
		for (const [name, member] of Object.entries(value)) {
			texts.add(name);
			collectFree(member, texts, numbers);
		}
	}
}

/** Whether the text has a value that is never the program's own, although every stack may have the same one. */
export function isFree(text: string, { machines }: Origins): boolean {
	return (
		machines.has(text) ||
		always.has(formatOf(text)) ||
		[...marks.map(([, mark]) => mark), stackName, ...secretTexts].some((part) => text.includes(part))
	);
}

/** A mark that has another one in it stands before it. */
const marks = Object.entries(outputMarks)
	.map(([format, mark]) => [format, String(mark)] as const)
	.sort(([, a], [, b]) => b.length - a.length);

const secretTexts: readonly string[] = [
	// A script reads a key line by line.
	...Object.values(previewSecrets)
		.flatMap((text) => text.split("\n"))
		.filter((line) => line !== "" && !line.startsWith("-----")),
	...Object.values(JSON.parse(credentials.registryCredentials) as Record<string, Record<string, string>>).flatMap(
		(login) => Object.values(login),
	),
];

/** Formats of values that the program has no constants of. */
const always: ReadonlySet<string> = new Set(["digest", "certificate", "key", "hostkey", "renewal"]);

/** Name of the project, and of the stack in a preview without Pulumi. */
const stackName = "rke2-lab/preview";

/** The text with placeholders for its free parts. */
export function templateOf(text: string, origins: Origins): string {
	const known = templates.get(origins) ?? new Map<string, string>();
	templates.set(origins, known);
	const template = known.get(text) ?? makeTemplate(text, origins);
	known.set(text, template);
	return template;
}

const templates = new WeakMap<Origins, Map<string, string>>();

function makeTemplate(text: string, { texts, numbers, count }: Origins): string {
	if (text === count) {
		return "<number>";
	}
	const whole = formatOf(text);
	if (always.has(whole) || whole === "sysctl") {
		return `<${whole}>`;
	}
	let template = text.replaceAll(stackName, "rke2-lab/<name>").replace(renewal, "<renewal>");
	for (const [format, mark] of marks) {
		template = template.replaceAll(mark, `<${format}>`);
	}
	for (const secret of secretTexts) {
		template = template.replaceAll(secret, "<secret>");
	}
	for (const { text: part, pattern } of texts) {
		if (template.includes(part)) {
			template = template.replace(pattern, (found) => `<${formatOfPart(found)}>`);
		}
	}
	return template
		.replace(embedded, (found) => (usual.some((name) => wholly(name)(found)) ? `<${formatOf(found)}>` : found))
		.replace(/(?<![\w.<])\d+(?![\w.>])/g, (found) =>
			Number(found) > 9 && numbers.has(Number(found)) ? "<number>" : found,
		)
		.replace(/(?<=-)[0-9a-f]{8}$/, "<hash>")
		.replace(/<(?:network|address)>(?:,<(?:network|address)>)+/g, "<networks>")
		.replace(/<\w+>(?:,<\w+>)+/g, "<words>");
}

const usual = ["network", "address", "digest"] as const;

/** The end of a certificate is a word of a command line. */
const renewal = new RegExp(`(?<= )${formats.renewal.pattern}$`);

/** Addresses, networks and digests in a text, also those that follow from the stack file without standing in it. */
const embedded = /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?:\/\d{1,2})?(?![\w.])|(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g;

/** A name that looks like a version or a quantity by chance is a name. */
function formatOfPart(part: string): string {
	const format = formatOf(part);
	return ["hash", "number", "quantity", "version"].includes(format) && wholly("name")(part) ? "name" : format;
}

function escaped(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
