/** Messages about values that the schema refuses. */
import { z } from "zod";
import { closest, strangeLetter } from "../formats/suggestions.ts";
import { secretsSchema, stackSchema } from "../schema/stack.ts";
import type { Problem } from "./problems.ts";
import { bareSchema, encrypted } from "./readable.ts";
import { redacted } from "./redaction.ts";

/**
 * @param values the parsed values
 * @param hidden keys whose values no message repeats
 * @returns nothing for an encrypted value, which may be right
 */
export function schemaMistakes(
	issue: z.core.$ZodIssue,
	values: Record<string, unknown>,
	hidden: readonly string[],
): Problem[] {
	const key = issue.path.join(".");
	if (issue.code === "unrecognized_keys") {
		return issue.keys.map((name) => ({
			key: [...issue.path, name].join("."),
			message: unknownKey(name, issue.path),
		}));
	}
	if (issue.code === "invalid_key") {
		return issue.issues.map((inner) => ({ key, message: `the name ${inner.message}.` }));
	}
	const part = issue.code === "invalid_union" ? wrongPart(issue) : undefined;
	if (part) {
		return part.flatMap((inner) => schemaMistakes(inner, values, hidden));
	}
	const found = valueAt(values, issue.path);
	if (found === encrypted) {
		return [];
	}
	if (found === undefined) {
		return [{ key, message: "is missing." }];
	}
	if (hidden.includes(String(issue.path[0]))) {
		return [
			{
				key,
				message: `${requirement(issue)}; its value stays hidden, because \`${String(issue.path[0])}\` is encrypted.`,
			},
		];
	}
	const oddity = typeof found === "string" ? strangeLetter(found) : undefined;
	return [{ key, message: `${requirement(issue)}, found ${redacted(found)}${oddity ? `, of which ${oddity}` : ""}.` }];
}

function unknownKey(name: string, path: readonly PropertyKey[]): string {
	const oddity = strangeLetter(name);
	const because = oddity ? ` ${oddity[0]!.toUpperCase()}${oddity.slice(1)}.` : "";
	const section = path.length === 0 && name.includes(".") ? name.split(/[.[]/)[0]! : undefined;
	if (section && Object.hasOwn(stackSchema.shape, section)) {
		return `was set without --path: remove it with \`pulumi config rm ${name}\`, and set it with \`pulumi config set --path ${name}\`.`;
	}
	const meant = closest(name, namesAt(path)) ?? keyOfName.get(name);
	return meant
		? `is not a key of the stack file; did you mean ${[...(keyOfName.get(name) === meant ? [] : path), meant].join(".")}?${because}`
		: `is not a key of the stack file; docs/configuration.md lists them.${because}`;
}

/** Names that a map may have. */
function namesAt(path: readonly PropertyKey[]): string[] {
	const schema = path.reduce<z.core.$ZodType | undefined>(memberOf, stackSchema);
	const names = schema && bareSchema(schema) instanceof z.ZodObject ? (bareSchema(schema) as z.ZodObject).shape : {};
	return [...Object.keys(names), ...(path.length === 0 ? Object.keys(secretsSchema.shape) : [])];
}

function memberOf(schema: z.core.$ZodType | undefined, name: PropertyKey): z.core.$ZodType | undefined {
	const kind = schema && bareSchema(schema);
	if (kind instanceof z.ZodObject) {
		return kind.shape[String(name)];
	}
	return kind instanceof z.ZodRecord ? kind.valueType : kind instanceof z.ZodArray ? kind.element : undefined;
}

/** The full key by its last name, for names that occur once in the schema: a hint about a key in the wrong section. */
const keyOfName: ReadonlyMap<string, string> = keysByName();

function keysByName(): Map<string, string> {
	const found: [string, string][] = [];
	const collect = (schema: z.core.$ZodType, path: string[]) => {
		const kind = bareSchema(schema);
		if (kind instanceof z.ZodObject) {
			for (const [name, inner] of Object.entries<z.core.$ZodType>(kind.shape)) {
				found.push([name, [...path, name].join(".")]);
				collect(inner, [...path, name]);
			}
		}
	};
	collect(stackSchema, []);
	return new Map(found.filter(([name]) => found.filter(([other]) => other === name).length === 1));
}

/** The mistakes of a part, when one alternative of a union fits the value and refuses only that part. */
function wrongPart({ errors, path }: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] | undefined {
	return errors
		.find((issues) => issues.length > 0 && issues.every((inner) => inner.path.length > 0))
		?.map((inner) => ({ ...inner, path: [...path, ...inner.path] }));
}

/** Names of the schema's types in docs/configuration.md. Every number in a stack file is an integer. */
const kinds: Readonly<Record<string, string>> = {
	array: "a list",
	boolean: "true or false",
	int: "an integer",
	number: "an integer",
	object: "a map",
	record: "a map",
	string: "a string",
};

/** @returns the requirement that the value does not meet, without a full stop */
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
