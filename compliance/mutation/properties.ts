/** Changes of the inputs of a resource: every one removed and replaced, to any depth, and others added. */
import fc from "fast-check";
import type { Resource } from "../../policies/lib/rules/resource.ts";
import { type ChangeKind, digestOf, type Mutant, placeOf, valueFor } from "./mutant.ts";
import { inputsAt } from "./sdk-types.ts";
import { isContainer, replacementsOf } from "./values.ts";

type Path = readonly string[];

/** @param seed of the values at random */
export function changesOfProperties(stack: string, resource: Resource, seed: number): Mutant[] {
	return [...within(stack, resource, resource.props, [], seed)];
}

function* within(stack: string, resource: Resource, value: unknown, path: Path, seed: number): Generator<Mutant> {
	const text = `${resource.type} ${resource.name} ${path.join(" ")}`;
	const digest = digestOf(value);
	let count = 0;
	const mutant = (kind: ChangeKind, place: Path, change: (container: Container, member: string) => void): Mutant => ({
		stack,
		type: resource.type,
		resource: resource.name,
		place: placeOf(place),
		kind,
		key: `${path.join(".")} ${digest} ${count++}`,
		make: () => changed(resource, place, change),
		original: resource,
	});
	if (path.length > 0) {
		yield mutant("removed", path, remove);
		for (const { kind, value: other } of replacementsOf(value, seed, text)) {
			yield mutant(kind, path, (container, member) => set(container, member, other()));
		}
	}
	if (!isContainer(value)) {
		return;
	}
	for (const [name, added] of additionsTo(resource, value, path, seed, text)) {
		yield mutant("added", [...path, name], (container, member) => set(container, member, added));
	}
	for (const [name, inner] of membersOf(value)) {
		yield* within(stack, resource, inner, [...path, name], seed);
	}
}

/** Elements of a long list are alike: the first ones and the last one stand for all. */
const firstElements = 3;

function membersOf(value: Container): [name: string, inner: unknown][] {
	const members = Object.entries<unknown>(value);
	return Array.isArray(value) && members.length > firstElements + 1
		? [...members.slice(0, firstElements), ...members.slice(-1)]
		: members;
}

/** New members with their values. */
function additionsTo(
	{ type }: Resource,
	value: Container,
	path: Path,
	seed: number,
	text: string,
): [name: string, value: unknown][] {
	if (Array.isArray(value)) {
		// A second of a kind, and one of no known kind.
		const [first = "added"] = value;
		return [
			[String(value.length), first],
			[String(value.length), isContainer(first) ? { added: "added" } : "added"],
		];
	}
	const free = valueFor(fc.constantFrom("added", "__proto__", "x-added", "added?", "$any", ""), seed, text);
	const known = inputsAt(type, path).filter(({ name }) => !Object.hasOwn(value, name));
	return [...known.map(({ name, example }): [string, unknown] => [name, example]), [free, "added"]];
}

type Container = Record<string, unknown> | unknown[];

/** As JSON does: no name has a meaning of its own. */
function set(container: Container, member: string, value: unknown): void {
	Object.defineProperty(container, member, { value, enumerable: true, writable: true, configurable: true });
}

function remove(container: Container, member: string): void {
	if (Array.isArray(container)) {
		container.splice(Number(member), 1);
	} else {
		delete container[member];
	}
}

/** A copy of the resource in which the value at a place is changed. */
function changed(resource: Resource, path: Path, change: (container: Container, member: string) => void): Resource {
	const props = structuredClone(resource.props);
	const container = path.slice(0, -1).reduce<Container>((inner, member) => Reflect.get(inner, member), props);
	change(container, path.at(-1)!);
	return { ...resource, props };
}
