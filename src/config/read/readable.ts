/**
 * What can be read of a configuration although some of it is wrong: the rules across keys run on the rest, so that a
 * person sees every mistake at once. A rule that comes to a value which the schema has refused ends there, because it
 * could only say something untrue. Nobody has to declare which keys a rule needs.
 */
import { z } from "zod";

/** A rule has come to a value that the schema has refused, or that is encrypted. */
class Unreadable extends Error {}

const unreadable = Symbol("unreadable");

/** Stands for a map or a list of which nothing can be read. It is there, so it may be counted and asked for. */
const closed: object = new Proxy(
	{},
	{
		get: refuse,
		has: refuse,
		ownKeys: refuse,
	},
);

/** Stands in a stack file for a value that only Pulumi can decrypt. It fits no schema, and is no mistake. */
export const encrypted: unique symbol = Symbol("encrypted");

/**
 * @param value what the schema has refused
 * @returns the value with its defaults; each access to a part that the schema refuses throws {@link Unreadable}
 */
export function readablePart<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
	const part = read(schema, value);
	return (part === unreadable ? closed : part) as z.output<Schema>;
}

/** Runs each of the rules; one that comes to a value that is not readable says nothing. */
export function applyRules<Stack, Result>(stack: Stack, ...rules: readonly ((stack: Stack) => Result[])[]): Result[] {
	return rules.flatMap((rule) => whereReadable(() => rule(stack)));
}

/** Applies a rule to each entry of a map by itself: one that is not readable hides no other. */
export function eachEntry<Value, Result>(
	record: Readonly<Record<string, Value>>,
	rule: (name: string, value: Value) => Result[],
): Result[] {
	return Object.keys(record).flatMap((name) => whereReadable(() => rule(name, record[name]!)));
}

/** Applies a rule to each entry of a list by itself: one that is not readable hides no other. */
export function eachItem<Item, Result>(
	items: readonly Item[],
	rule: (item: Item, index: number) => Result[],
): Result[] {
	return Object.keys(items).flatMap((index) => whereReadable(() => rule(items[Number(index)]!, Number(index))));
}

/** Names and values of a map or a list, without those that are not readable. */
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
	// A name that nobody knows changes nothing that is read. Another mistake of the whole is one of all its parts.
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
					// A rule can count what has a wrong name. It cannot know whether the rest of it is meant so.
					z.safeParse(kind.keyType, name).success ? read(kind.valueType, member(name)) : unreadable,
				]);
	// An optional key that is absent is not there, as in what the schema makes.
	return guarded(Object.fromEntries(parts.filter(([, part]) => part !== undefined)));
}

/** Without what makes it optional. */
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
