/** Reads declared data by its expected shape, so that a rule never relies on a type that it did not check. */
import { UndecidableError } from "../rules/resource.ts";

/** The members of `object` are not checked. A list has one shape for all members, a mapping one for each. */
export type Shape =
	| "string"
	| "number"
	| "boolean"
	| "object"
	| readonly [Shape]
	| { readonly [member: string]: Shape };

interface Scalars {
	string: string;
	number: number;
	boolean: boolean;
	object: Record<string, unknown>;
}

/** The type of a value with a shape: every member of a mapping may be absent. */
export type Shaped<S extends Shape> = S extends keyof Scalars
	? Scalars[S]
	: S extends readonly [infer Member extends Shape]
		? Shaped<Member>[]
		: { readonly [Key in keyof S]?: S[Key] extends Shape ? Shaped<S[Key]> : never };

/**
 * A value by its shape, or nothing where it is absent; null is absent, as in the API server. Members are checked on demand:
 * a member that the rule does not read may be unknown or wrong.
 *
 * @throws UndecidableError when the value has another type, now or at the reading of a member; the message does not repeat the value
 */
export function shaped<S extends Shape>(value: unknown, shape: S, place: Place): Shaped<S> | undefined {
	return value === undefined || value === null ? undefined : (present(value, shape, place) as Shaped<S>);
}

/** The place of a value, for a sentence. */
export interface Place {
	/** Members from the root. */
	path: readonly (string | number)[];
	/** Name of what has the root; called only where a sentence needs it. */
	owner: () => string;
}

function present(value: unknown, shape: Shape, { path, owner }: Place): unknown {
	const within = (member: string | number) => ({ path: [...path, member], owner });
	if (typeof shape === "string") {
		return isKind(value, shape) ? value : refuse(shape, { path, owner });
	}
	if (isList(shape)) {
		return Array.isArray(value)
			? value.map((member, index) => present(member, shape[0], within(index)))
			: refuse("list", { path, owner });
	}
	if (!isKind(value, "object")) {
		return refuse("object", { path, owner });
	}
	return new Proxy(value as Record<string, unknown>, {
		get: (target, member: string) =>
			Object.hasOwn(shape, member) ? shaped(target[member], shape[member]!, within(member)) : undefined,
	});
}

function isList(shape: Exclude<Shape, string>): shape is readonly [Shape] {
	return Array.isArray(shape);
}

function isKind(value: unknown, kind: keyof Scalars): boolean {
	return typeof value === kind && value !== null && !Array.isArray(value);
}

function refuse(kind: keyof Scalars | "list", { path, owner }: Place): never {
	const article = kind === "object" ? "an" : "a";
	throw new UndecidableError(`${[...path].join(".")} of ${owner()} is not ${article} ${kind}`);
}
