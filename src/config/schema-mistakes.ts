/** What the schema refuses, in sentences. */
import type { z } from "zod";
import type { Problem } from "./problems.ts";
import { encrypted } from "./readable.ts";
import { shown } from "./shown-values.ts";

/**
 * @param values what the schema has looked at
 * @returns nothing for a value that is encrypted, because nobody knows whether it is wrong
 */
export function schemaMistakes(issue: z.core.$ZodIssue, values: Record<string, unknown>): Problem[] {
	const key = issue.path.join(".");
	if (issue.code === "unrecognized_keys") {
		return issue.keys.map((name) => ({
			key: [...issue.path, name].join("."),
			message: "is not a key of the stack file; docs/configuration.md lists them.",
		}));
	}
	if (issue.code === "invalid_key") {
		return issue.issues.map((inner) => ({ key, message: `the name ${inner.message}.` }));
	}
	const found = valueAt(values, issue.path);
	if (found === encrypted) {
		return [];
	}
	if (found === undefined) {
		return [{ key, message: "is missing." }];
	}
	return [{ key, message: `${requirement(issue)}, found ${shown(found)}.` }];
}

/** The schema's types in the words of docs/configuration.md. Every number in a stack file is whole. */
const kinds: Readonly<Record<string, string>> = {
	array: "a list",
	boolean: "true or false",
	int: "an integer",
	number: "an integer",
	object: "a map",
	record: "a map",
	string: "a string",
};

/** What a value must be, without a full stop. */
export function requirement(issue: z.core.$ZodIssue): string {
	switch (issue.code) {
		case "invalid_type":
			return `must be ${kinds[issue.expected] ?? issue.expected}`;
		case "invalid_value":
			return `must be one of ${issue.values.map(String).join(", ")}`;
		case "too_small":
			return tooSmall(issue);
		case "too_big":
			return `must be at most ${issue.maximum}`;
		default:
			return issue.message;
	}
}

function tooSmall({ origin, inclusive, minimum }: z.core.$ZodIssueTooSmall): string {
	switch (origin) {
		case "array":
			return `must have at least ${minimum} entry`;
		case "string":
			return "must not be empty";
		default:
			return `must be ${inclusive === false ? "more than" : "at least"} ${minimum}`;
	}
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
	return path.reduce<unknown>(
		(value, part) => (typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined),
		input,
	);
}
