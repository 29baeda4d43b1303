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

/** A member of a value, by the way from the root. */
interface Place {
	parent: Place | undefined;
	member: string;
	depth: number;
}

/** A deviation before somebody reads it: most are those of a choice that another choice replaces. */
interface Found {
	place: Place | undefined;
	fault: Deviation["fault"];
	/** Shapes of which any may stand there. */
	allowed: readonly Shape[];
}

/**
 * Every deviation of a value from its shape.
 *
 * @throws UnknownValueError when a value is unknown that has to be known at preview
 */
export function deviationsFrom(shape: Shape, value: unknown): Deviation[] {
	const found: Found[] = [];
	compare(shape, value, undefined, found);
	return found.map(({ place, fault, allowed }) => ({
		path: pathOf(place),
		fault,
		allowed: allowed.length === 0 ? "nothing" : allowed.map(described).join(" or "),
	}));
}

function pathOf(place: Place | undefined): string[] {
	return place ? [...pathOf(place.parent), place.member] : [];
}

function inside(parent: Place | undefined, member: string): Place {
	return { parent, member, depth: depthOf(parent) + 1 };
}

function depthOf(place: Place | undefined): number {
	return place?.depth ?? 0;
}

function isAs(shape: Shape, value: unknown): boolean {
	const found: Found[] = [];
	compare(shape, value, undefined, found);
	return found.length === 0;
}

function compare(shape: Shape, value: unknown, place: Place | undefined, found: Found[]): void {
	if (!isObject(shape) && !Array.isArray(shape)) {
		if (value instanceof Unknown) {
			throw value.error;
		}
		if (!isScalar(shape as string, value)) {
			found.push({ place, fault: "another value", allowed: [shape] });
		}
		return;
	}
	const inner = isObject(shape) ? (shape.$output as Shape | undefined) : undefined;
	if (value instanceof Unknown) {
		if (inner === undefined) {
			throw value.error;
		}
		return;
	}
	const list = listOf(shape);
	const choices = isObject(shape) ? (shape.$any as readonly Shape[] | undefined) : undefined;
	if (inner !== undefined) {
		compare(inner, value, place, found);
	} else if (list && Array.isArray(value)) {
		inList(list, value, place, found);
	} else if (Array.isArray(shape) && Array.isArray(value)) {
		inTuple(shape, value, place, found);
	} else if (choices && !list) {
		inChoice(choices, value, place, found);
	} else if (!list && !Array.isArray(shape) && isObject(value)) {
		inObject(shape as Readonly<Record<string, Shape>>, value, place, found);
	} else {
		found.push({ place, fault: "another value", allowed: [shape] });
	}
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
function inChoice(choices: readonly Shape[], value: unknown, place: Place | undefined, found: Found[]): void {
	const depth = depthOf(place);
	let nearest: Found[] | undefined;
	for (const choice of choices) {
		const deviations: Found[] = [];
		compare(choice, value, place, deviations);
		if (deviations.length === 0) {
			return;
		}
		// One that differs only further down is nearer than one of another kind.
		const isOfKind = depthOf(deviations[0]!.place) > depth;
		if (isOfKind && deviations.length < (nearest?.length ?? Number.POSITIVE_INFINITY)) {
			nearest = deviations;
		}
	}
	found.push(...(nearest ?? [{ place, fault: "another value" as const, allowed: choices }]));
}

function inTuple(shapes: readonly Shape[], values: readonly unknown[], place: Place | undefined, found: Found[]): void {
	for (let index = 0; index < Math.max(shapes.length, values.length); index += 1) {
		const element = inside(place, String(index));
		if (index >= values.length) {
			found.push({ place: element, fault: "missing", allowed: [shapes[index]!] });
		} else if (index >= shapes.length) {
			found.push(unlisted(element));
		} else {
			compare(shapes[index]!, read(values, index), element, found);
		}
	}
}

function inList(
	{ each, all, least }: List,
	values: readonly unknown[],
	place: Place | undefined,
	found: Found[],
): void {
	const shapes = [...all, ...each];
	const elements = Array.from({ length: values.length }, (_, index) => read(values, index));
	if (elements.length < least) {
		found.push({ place, fault: "missing", allowed: shapes });
	}
	for (const [index, value] of elements.entries()) {
		inChoice(shapes, value, inside(place, String(index)), found);
	}
	for (const shape of all) {
		if (!elements.some((value) => isAs(shape, value))) {
			found.push({ place, fault: "missing", allowed: [shape] });
		}
	}
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
	place: Place | undefined,
	found: Found[],
): void {
	const allowed = membersOf(shape);
	const names = Object.keys(value);
	for (const name of names) {
		const member =
			allowed.find(({ template }) => template === name) ??
			allowed.find(({ template }) => matchesTemplate(template, name));
		if (member) {
			compare(member.shape, read(value, name), inside(place, name), found);
		} else {
			found.push(unlisted(inside(place, name)));
		}
	}
	for (const { template, optional, shape: inner } of allowed) {
		if (!optional && !names.some((name) => matchesTemplate(template, name))) {
			found.push({ place: inside(place, template), fault: "missing", allowed: [inner] });
		}
	}
}

function unlisted(place: Place): Found {
	return { place, fault: "not known", allowed: [] };
}

const longest = 120;

/** A shape in a sentence, shortened. */
function described(shape: Shape): string {
	const text = typeof shape === "string" ? shape || "nothing" : JSON.stringify(shape);
	return text.length > longest ? `${text.slice(0, longest)}...` : text;
}
