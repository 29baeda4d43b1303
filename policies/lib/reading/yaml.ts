/** YAML as the API server reads it: version 1.1, where `yes` is true and `0600` is 384, with merge keys (`<<`). */
import { type Document, isScalar, parseAllDocuments, type Tags, visit } from "yaml";

// Said in full: a file can name another version in its first line.
const kubernetes = { version: "1.1", schema: "yaml-1.1", logLevel: "error" } as const;

const mergeTag = "tag:yaml.org,2002:merge";
const withoutMerge = (tags: Tags): Tags => tags.filter((tag) => typeof tag === "string" || tag.tag !== mergeTag);

/** Thrown for a text that its readers do not agree on. */
class AmbiguousYamlError extends Error {}

/** What is wrong with a text that could not be read, as a verb; the parser's own sentence quotes the text. */
export function fault(error: unknown): string {
	return error instanceof AmbiguousYamlError ? "has a merge key (<<) that does not stand first" : "is not YAML";
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
export function parseYamlDocuments(text: string): unknown[] {
	return parseAllDocuments(text, kubernetes).map((document) => {
		if (document.errors[0]) {
			throw document.errors[0];
		}
		refuseLateMerge(document);
		return document.toJS();
	});
}

/** RKE2's own configuration, where a merge key is a key like any other: RKE2 drops what stands under it. */
export function parseConfigYaml(text: string): unknown {
	const [document, ...others] = parseAllDocuments(text, { ...kubernetes, customTags: withoutMerge });
	if (others.length > 0 || document?.errors[0]) {
		throw document?.errors[0] ?? new SyntaxError("more than one document");
	}
	return document?.toJS() ?? null;
}

/**
 * Whether a merged member replaces one that stands before the merge key is read in two ways: by YAML's own words it does
 * not, in the API server it does (sigs.k8s.io/yaml, goyaml.v2). A merge key that stands first is read in one.
 */
function refuseLateMerge(document: Document): void {
	visit(document, {
		Map: (_, { items }) => {
			const late = items.slice(1).some(({ key }) => isScalar(key) && key.source === "<<");
			if (late || items.some(({ key }) => isScalar(key) && key.tag === mergeTag)) {
				throw new AmbiguousYamlError();
			}
		},
	});
}
