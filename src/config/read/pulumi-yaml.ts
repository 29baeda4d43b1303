/** YAML as Pulumi reads it: with the rules of go-yaml v3, which are those of YAML 1.2 with some of 1.1. */
import { type Document, isMap, isPair, isScalar, isSeq, type Node, parseDocument, Scalar, type ScalarTag } from "yaml";
import { ConfigurationError, type Problem } from "./problems.ts";

/** Values by name, in the file's order. */
export interface PulumiYaml {
	/** The value of the text; a map when the text is a stack file. */
	value: unknown;
	/** Values that Pulumi reads differently than a person, or not at all. */
	problems: Problem[];
}

const octal = /^[-+]?0_*[0-7][0-7_]*$/;
const integer = /^[-+]?(0x[0-9a-f]+|0b[01]+|0o[0-7]+|0[0-7]*|[1-9][0-9]*)$/i;
const decimal = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)(e[-+]?[0-9]+)?$/i;
const date = /^\d{4}-\d{1,2}-\d{1,2}(?:$|[Tt ]\d{1,2}:\d{1,2}:\d{1,2})/;

/** Numbers without quotes: https://github.com/go-yaml/yaml/blob/v3.0.1/resolve.go */
const number: ScalarTag = {
	identify: (value) => typeof value === "number",
	default: true,
	tag: "tag:yaml.org,2002:int",
	test: /^[-+.0-9]/,
	resolve: numberOrText,
};

/**
 * @throws ConfigurationError with one sentence when the text is not YAML
 */
export function readPulumiYaml(text: string): PulumiYaml {
	// mistakesIn finds duplicates: the parser would name a line, and a user looks for a key.
	const document = parseDocument(text, {
		uniqueKeys: false,
		merge: true,
		customTags: (tags) => [number, ...tags.filter((tag) => typeof tag === "string" || !/:(int|float)$/.test(tag.tag))],
	});
	const [mistake] = document.errors;
	if (mistake) {
		throw refusal(yamlSentence(mistake.code, mistake.linePos?.[0].line, text));
	}
	if (document.directives?.yaml.explicit) {
		throw refusal("has a %YAML directive, which Pulumi does not follow; remove that line.");
	}
	return { value: contentOf(document), problems: mistakesIn(document.contents, []) };
}

function contentOf(document: Document): unknown {
	try {
		return document.toJS();
	} catch (error) {
		const [, alias] = /alias.*: (\S+)$/.exec((error as Error).message) ?? [];
		throw refusal(
			alias
				? "has an alias (a value that begins with a star) without its anchor; a text that begins with a star needs quotes."
				: "has too many aliases (values that begin with a star).",
		);
	}
}

function numberOrText(text: string): unknown {
	const plain = text.replaceAll("_", "");
	if (integer.test(plain) && !date.test(text)) {
		const sign = plain.startsWith("-") ? -1 : 1;
		const digits = plain.replace(/^[-+]/, "");
		return sign * Number(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase()) || 0;
	}
	return decimal.test(plain) && Number.isFinite(Number(plain)) ? Number(plain) : text;
}

/** Duplicate keys, and values that Pulumi reads differently than they look. */
function mistakesIn(node: Node | null, path: string[]): Problem[] {
	if (node?.tag !== undefined && node.tag !== "tag:yaml.org,2002:str") {
		return [{ key: path.join("."), message: "has a YAML tag (!); remove it, and write the value as it is." }];
	}
	if (isScalar(node)) {
		const message = scalarMistake(node);
		return message ? [{ key: path.join("."), message }] : [];
	}
	if (isSeq(node)) {
		return node.items.flatMap((item, index) => mistakesIn(item as Node | null, [...path, String(index)]));
	}
	if (!isMap(node)) {
		return [];
	}
	const seen = new Set<string>();
	return node.items.filter(isPair).flatMap(({ key, value }): Problem[] => {
		const name = isScalar(key) ? String(key.value) : String(key);
		const here = [...path, name];
		const repeated = seen.has(name);
		seen.add(name);
		return [
			...(repeated ? [{ key: here.join("."), message: "is there twice; every name may occur once." }] : []),
			...(isScalar(key) && key.value !== null
				? []
				: [{ key: here.join("."), message: "has a name that is not text; put it in quotes." }]),
			...mistakesIn(value as Node | null, here),
		];
	});
}

function scalarMistake({ source = "", type, value }: Scalar): string | undefined {
	if (type !== Scalar.PLAIN) {
		return undefined;
	}
	if (octal.test(source)) {
		const digits = source.replaceAll(/[+_-]/g, "").replace(/^0+(?=\d)/, "");
		return `is written ${source}, which Pulumi reads as the octal number ${value}; write ${value}, or ${digits} where that is meant.`;
	}
	if (date.test(source)) {
		return "is a date for Pulumi, which changes its form; put it in quotes.";
	}
	return /^[-+]?\.(inf|nan)$/i.test(source)
		? "is not a number that Pulumi reads; put it in quotes or remove it."
		: undefined;
}

/** The message of the parser itself is about its internals, and may quote a secret. */
function yamlSentence(code: string, line: number | undefined, text: string): string {
	const where = line === undefined ? "" : ` in line ${line}`;
	const written = text.split("\n")[(line ?? 1) - 1] ?? "";
	if (/(^|[:\-[,{]\s+)\*[^\s\w]/.test(written) || /(^|[:\-[,{]\s+)\*\s/.test(written)) {
		return `has a value that begins with a star${where}; put it in quotes, such as "*/6 * * * *", because YAML reads it as an alias otherwise.`;
	}
	return `is not YAML${where}: ${sentences[code] ?? "something cannot be read"}.`;
}

const sentences: Readonly<Record<string, string>> = {
	ALIAS_PROPS: "an alias has a tag or an anchor",
	BAD_ALIAS: "an alias (a value that begins with a star) has no name that is allowed",
	BAD_DIRECTIVE: "there is an unknown directive (%)",
	BAD_DQ_ESCAPE: 'a backslash in double quotes has no meaning; use single quotes, or "\\\\"',
	BAD_INDENT: "the indentation does not fit the lines above, or a bracket is not closed",
	BAD_SCALAR_START: "a value begins with a character that needs quotes",
	BLOCK_AS_IMPLICIT_KEY: "there is a colon within a value; put the value in quotes",
	BLOCK_IN_FLOW: "a list or a map with indentation is within brackets",
	KEY_OVER_1024_CHARS: "a name has more than 1024 characters",
	MISSING_CHAR: "a colon, a comma, a quotation mark or a closing bracket is missing",
	MULTILINE_IMPLICIT_KEY: "a name goes over more than one line, or a colon is missing",
	MULTIPLE_DOCS: "there is more than one document (---), of which Pulumi reads the first; remove the others",
	TAB_AS_INDENT: "there is a tab in the indentation; use spaces",
	UNEXPECTED_TOKEN: "there is an unexpected character",
};

function refusal(message: string): ConfigurationError {
	return new ConfigurationError([{ key: "stack file", message }]);
}
