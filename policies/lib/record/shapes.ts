/**
 * Closed shapes of values, as the record has them. In JSON:
 *
 * - a text is a template (formats.ts); a number, `true`, `false` or `null` is that value; `"<number>"` is any whole number, and
 *   `"<1..65535>"` one of a range, each also as a text
 * - `[a, b]` is a list of exactly these elements in this order
 * - `{"$each": [a, b], "$all": [c]}` is a list in any order, whose elements are `a`, `b` or `c`, with every `c`;
 *   `"$least": 1` beside them says that the list is never empty
 * - `{"$any": [a, b]}` is `a` or `b`
 * - any other object has these members and no other. The name of a member is a template, and ends in `?` where
 *   the member may be absent
 * - `{"$output": a}` is `a`, or unknown at preview, because another resource gives it
 */
import { UnknownValueError } from "@pulumi/policy";
import { isObject } from "../reading/form.ts";
import { isNumberTemplate, matchesTemplate } from "./formats.ts";

export type Shape = string | number | boolean | null | readonly Shape[] | { readonly [member: string]: Shape };

/** A place where a value is not as its shape says. */
export interface Deviation {
	/** Members from the root. */
	path: readonly string[];
	fault: "not known" | "missing" | "another value";
	/** What may stand there, for a sentence. */
	allowed: string;
}

/** What may stand in a list, and what must. */
interface List {
	each: readonly Shape[];
	all: readonly Shape[];
	least: number;
}

/**
 * Every deviation of a value from its shape.
 *
 * @throws UnknownValueError when a value is unknown that has to be known at preview
 */
export function deviationsFrom(shape: Shape, value: unknown, path: readonly string[] = []): Deviation[] {
	const inner = isObject(shape) ? (shape.$output as Shape | undefined) : undefined;
	if (value instanceof Unknown) {
		if (inner === undefined) {
			throw value.error;
		}
		return [];
	}
	if (inner !== undefined) {
		return deviationsFrom(inner, value, path);
	}
	const list = listOf(shape);
	if (list) {
		return Array.isArray(value) ? inList(list, value, path) : [another(shape, path)];
	}
	if (Array.isArray(shape)) {
		return Array.isArray(value) ? inTuple(shape, value, path) : [another(shape, path)];
	}
	if (!isObject(shape)) {
		return isScalar(shape as string, value) ? [] : [another(shape, path)];
	}
	const choices = shape.$any;
	if (choices) {
		return inChoice(choices as readonly Shape[], value, path);
	}
	return isObject(value) ? inObject(shape as Readonly<Record<string, Shape>>, value, path) : [another(shape, path)];
}

export function listOf(shape: Shape): List | undefined {
	return isObject(shape) && ("$each" in shape || "$all" in shape)
		? {
				each: (shape.$each as Shape[] | undefined) ?? [],
				all: (shape.$all as Shape[] | undefined) ?? [],
				least: (shape.$least as number | undefined) ?? 0,
			}
		: undefined;
}

function isScalar(shape: string | number | boolean | null, value: unknown): boolean {
	if (typeof shape === "string" && typeof value === "number") {
		return isNumberTemplate(shape) && Number.isSafeInteger(value) && matchesTemplate(shape, String(value));
	}
	return typeof shape === "string" ? typeof value === "string" && matchesTemplate(shape, value) : shape === value;
}

/** The deviations from the nearest of several shapes. */
function inChoice(choices: readonly Shape[], value: unknown, path: readonly string[]): Deviation[] {
	let nearest: Deviation[] | undefined;
	for (const choice of choices) {
		const found = deviationsFrom(choice, value, path);
		if (found.length === 0) {
			return [];
		}
		// One that differs only further down is nearer than one of another kind.
		if (found[0]!.path.length > path.length && found.length < (nearest?.length ?? Number.POSITIVE_INFINITY)) {
			nearest = found;
		}
	}
	return nearest ?? [{ path, fault: "another value", allowed: choices.map(described).join(" or ") }];
}

function inTuple(shapes: readonly Shape[], values: readonly unknown[], path: readonly string[]): Deviation[] {
	return Array.from({ length: Math.max(shapes.length, values.length) }, (_, index) => index).flatMap((index) => {
		const place = [...path, String(index)];
		if (index >= values.length) {
			return [{ path: place, fault: "missing", allowed: described(shapes[index]!) } satisfies Deviation];
		}
		return index >= shapes.length ? [unlisted(place)] : deviationsFrom(shapes[index]!, read(values, index), place);
	});
}

function inList({ each, all, least }: List, values: readonly unknown[], path: readonly string[]): Deviation[] {
	const shapes = [...all, ...each];
	const elements = Array.from({ length: values.length }, (_, index) => read(values, index));
	const missing = all.filter((shape) => !elements.some((value) => deviationsFrom(shape, value).length === 0));
	const empty: Deviation[] =
		elements.length < least ? [{ path, fault: "missing", allowed: shapes.map(described).join(" or ") }] : [];
	return [
		...empty,
		...elements.flatMap((value, index) => inChoice(shapes, value, [...path, String(index)])),
		...missing.map((shape): Deviation => ({ path, fault: "missing", allowed: described(shape) })),
	];
}

/** A value that is unknown at preview. */
class Unknown {
	readonly error: UnknownValueError;

	constructor(error: UnknownValueError) {
		this.error = error;
	}
}

function read(container: object, member: string | number): unknown {
	try {
		return Reflect.get(container, member);
	} catch (error) {
		if (error instanceof UnknownValueError) {
			return new Unknown(error);
		}
		throw error;
	}
}

/** A member of an object by the name that the record gives it. */
interface Member {
	template: string;
	optional: boolean;
	shape: Shape;
}

const members = new WeakMap<object, readonly Member[]>();

export function membersOf(shape: Readonly<Record<string, Shape>>): readonly Member[] {
	const known =
		members.get(shape) ??
		Object.entries(shape).map(([name, inner]): Member => {
			const optional = name.endsWith("?");
			return { template: optional ? name.slice(0, -1) : name, optional, shape: inner };
		});
	members.set(shape, known);
	return known;
}

function inObject(
	shape: Readonly<Record<string, Shape>>,
	value: Record<string, unknown>,
	path: readonly string[],
): Deviation[] {
	const allowed = membersOf(shape);
	const names = Object.keys(value);
	const found = names.flatMap((name) => {
		const place = [...path, name];
		const member =
			allowed.find(({ template }) => template === name) ??
			allowed.find(({ template }) => matchesTemplate(template, name));
		return member ? deviationsFrom(member.shape, read(value, name), place) : [unlisted(place)];
	});
	const missing = allowed.filter(
		({ template, optional }) => !optional && !names.some((name) => matchesTemplate(template, name)),
	);
	return [
		...found,
		...missing.map(
			({ template, shape: inner }): Deviation => ({
				path: [...path, template],
				fault: "missing",
				allowed: described(inner),
			}),
		),
	];
}

function another(shape: Shape, path: readonly string[]): Deviation {
	return { path, fault: "another value", allowed: described(shape) };
}

function unlisted(path: readonly string[]): Deviation {
	return { path, fault: "not known", allowed: "nothing" };
}

const longest = 120;

/** A shape in a sentence, shortened. */
export function described(shape: Shape): string {
	const text = typeof shape === "string" ? shape || "nothing" : JSON.stringify(shape);
	return text.length > longest ? `${text.slice(0, longest)}...` : text;
}
