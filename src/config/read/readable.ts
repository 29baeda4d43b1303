/**
 * The valid part of a configuration with mistakes. The rules across keys run on it, so that the user sees every mistake at
 * once. A rule that reads a refused value ends there without a result, because its message could be wrong. So no rule has to
 * declare the keys that it needs.
 */
import { z } from "zod";

/** A rule has read a value that the schema has refused, or that is encrypted. */
class Unreadable extends Error {}

const unreadable = Symbol("unreadable");

/** In the place of a map or a list without a readable part. It exists, so a rule may count it. */
const closed: object = new Proxy(
	{},
	{
		get: refuse,
		has: refuse,
		ownKeys: refuse,
	},
);

/** In the place of a value that only Pulumi can decrypt. It fits no schema, and is no mistake. */
export const encrypted: unique symbol = Symbol("encrypted");

/**
 * @param value a value that the schema has refused
 * @returns the value with its defaults; each access to a part that the schema refuses throws {@link Unreadable}
 */
export function readablePart<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
	const part = read(schema, value);
	return (part === unreadable ? closed : part) as z.output<Schema>;
}

/** Runs each of the rules; a rule that reads an unreadable value has no result. */
export function applyRules<Stack, Result>(stack: Stack, ...rules: readonly ((stack: Stack) => Result[])[]): Result[] {
	return rules.flatMap((rule) => whereReadable(() => rule(stack)));
}

/** Applies a rule to each entry of a map separately: an unreadable entry hides no other. */
export function eachEntry<Value, Result>(
	record: Readonly<Record<string, Value>>,
	rule: (name: string, value: Value) => Result[],
): Result[] {
	return Object.keys(record).flatMap((name) => whereReadable(() => rule(name, record[name]!)));
}

/** Applies a rule to each entry of a list separately: an unreadable entry hides no other. */
export function eachItem<Item, Result>(
	items: readonly Item[],
	rule: (item: Item, index: number) => Result[],
): Result[] {
	return Object.keys(items).flatMap((index) => whereReadable(() => rule(items[Number(index)]!, Number(index))));
}

/** Names and values of a map or a list, without the unreadable ones. */
export function readableEntries(container: object): [string, unknown][] {
	return whereReadable(() => Object.keys(container)).flatMap((name) =>
		whereReadable(() => [[name, Reflect.get(container, name)] satisfies [string, unknown]]),
	);
}

function whereReadable<Result>(rule: () => Result[]): Result[] {
	try {
		return rule();
	} catch (error) {
		if (error instanceof Unreadable) {
			return [];
		}
		throw error;
	}
}

function read(schema: z.core.$ZodType, value: unknown): unknown {
	const { success, data, error } = z.safeParse(schema, value);
	if (success) {
		return data;
	}
	const kind = bareSchema(schema);
	const isContainer = kind instanceof z.ZodObject || kind instanceof z.ZodRecord || kind instanceof z.ZodArray;
	// An unknown name changes no other value. Any other mistake of the whole makes all its parts unreadable.
	const isWrongItself = error.issues.some(({ path, code }) => path.length === 0 && code !== "unrecognized_keys");
	if (!isContainer) {
		return unreadable;
	}
	if (isWrongItself || typeof value !== "object" || value === null) {
		return closed;
	}
	if (kind instanceof z.ZodArray) {
		return guarded((value as unknown[]).map((item) => read(kind.element, item)));
	}
	const member = (name: string) => (Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined);
	const parts: [string, unknown][] =
		kind instanceof z.ZodObject
			? Object.entries<z.core.$ZodType>(kind.shape).map(([name, inner]) => [name, read(inner, member(name))])
			: Object.keys(value).map((name) => [
					name,
					// A rule can count an entry with a wrong name. The rest of the entry may be wrong as well.
					z.safeParse(kind.keyType, name).success ? read(kind.valueType, member(name)) : unreadable,
				]);
	// An absent optional key has no entry, as in the output of the schema.
	return guarded(Object.fromEntries(parts.filter(([, part]) => part !== undefined)));
}

/** The schema without its optional and default wrappers. */
export function bareSchema(schema: z.core.$ZodType): z.core.$ZodType {
	const isWrapped =
		schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
	return isWrapped ? bareSchema(schema.unwrap()) : schema;
}

function guarded(container: object): object {
	return new Proxy(container, {
		get(target, name, receiver) {
			const part: unknown = Reflect.get(target, name, receiver);
			return part === unreadable ? refuse() : part;
		},
	});
}

function refuse(): never {
	throw new Unreadable();
}
