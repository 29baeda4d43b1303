/** YAML as the API server reads it: version 1.1, where `yes` is true and `0600` is 384, with merge keys (`<<`). */
import { createRequire } from "node:module";
import type { Document, Tags } from "yaml";
import { remembered } from "./remembered.ts";

const require = createRequire(import.meta.url);

/** Loads the parser on first use. The engine waits for the pack to start, and has time between that and the first resource. */
export const yaml = (): typeof import("yaml") => require("yaml");

// Set in full, because a file can name another version in its first line.
const kubernetes = { version: "1.1", schema: "yaml-1.1", logLevel: "error" } as const;

const mergeTag = "tag:yaml.org,2002:merge";
const withoutMerge = (tags: Tags): Tags => tags.filter((tag) => typeof tag === "string" || tag.tag !== mergeTag);

/** Thrown for a text that different parsers read in different ways; the message is a predicate. */
class AmbiguousYamlError extends Error {}

/**
 * A carriage return and the line breaks of Unicode: go-yaml, which RKE2 and the API server use, begins a new line there, also within a
 * comment. The parser of this pack does not.
 */
function refuseOtherLineBreaks(text: string): void {
	if (/[\r\u0085\u2028\u2029]/.test(text)) {
		throw new AmbiguousYamlError("has another line break than a line feed");
	}
}

/** The fault of a text that could not be read, as a predicate. The parser's own message quotes the text, so it is not used. */
export function fault(error: unknown): string {
	return error instanceof AmbiguousYamlError ? error.message : "is not YAML";
}

/**
 * The one document of a text; null where it is empty.
 *
 * @throws Error when it is not YAML, or is read in more than one way
 */
export function parseYaml(text: string): unknown {
	const [document, ...others] = parseYamlDocuments(text);
	if (others.length > 0) {
		throw new SyntaxError("more than one document");
	}
	return document ?? null;
}

/**
 * Every document of a text; null for an empty one.
 *
 * @throws Error when one is not YAML, or is read in more than one way
 */
export const parseYamlDocuments: (text: string) => readonly unknown[] = remembered((text) => {
	refuseOtherLineBreaks(text);
	return yaml()
		.parseAllDocuments(text, kubernetes)
		.map((document) => {
			if (document.errors[0]) {
				throw document.errors[0];
			}
			refuseLateMerge(document);
			return document.toJS();
		});
});

/** RKE2's own configuration. A merge key is an ordinary key there, and RKE2 ignores its members. */
export const parseConfigYaml: (text: string) => unknown = remembered((text) => {
	refuseOtherLineBreaks(text);
	const [document, ...others] = yaml().parseAllDocuments(text, { ...kubernetes, customTags: withoutMerge });
	if (others.length > 0 || document?.errors[0]) {
		throw document?.errors[0] ?? new SyntaxError("more than one document");
	}
	return document?.toJS() ?? null;
});

/**
 * Parsers differ about a merged member and one before the merge key: by the specification of YAML the earlier one counts, in
 * the API server the merged one (sigs.k8s.io/yaml, goyaml.v2). They agree about a merge key that stands first.
 */
function refuseLateMerge(document: Document): void {
	const { isScalar, visit } = yaml();
	visit(document, {
		Map: (_, { items }) => {
			const late = items.slice(1).some(({ key }) => isScalar(key) && key.source === "<<");
			if (late || items.some(({ key }) => isScalar(key) && key.tag === mergeTag)) {
				throw new AmbiguousYamlError("has a merge key (<<) that does not stand first");
			}
		},
	});
}
