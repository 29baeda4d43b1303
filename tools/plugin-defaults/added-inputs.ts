/** What a preview by the engine has beyond the inputs that the program declares. */
import type { PluginDefaults } from "../../policies/lib/record/plugin-defaults.ts";
import type { Shape } from "../../policies/lib/record/shapes.ts";
import { type InputsByResource, isOfTheEngine } from "./engine-inputs.ts";

/** One stack, as the program declares it and as the engine shows it. */
export interface Seen {
	declared: InputsByResource;
	shown: InputsByResource;
}

/** @throws Error when the engine adds an element to a list: no path says which one */
export function addedInputs(stacks: readonly Seen[]): Pick<PluginDefaults, "inputs" | "resources"> {
	const inputs = new Map<string, Map<string, Set<string>>>();
	const resources = new Map<string, Map<string, Shape>>();
	for (const { declared, shown } of stacks) {
		for (const [resource, values] of shown) {
			const [type = "", name = ""] = resource.split(" ");
			if (isOfTheEngine(resource)) {
				const visible = Object.entries(values).filter(([member]) => !isOfTheBridge(member));
				madeFor(resources, type, () => new Map<string, Shape>()).set(name, Object.fromEntries(visible) as Shape);
				continue;
			}
			const paths = madeFor(inputs, type, () => new Map<string, Set<string>>());
			compare(declared.get(resource) ?? {}, values, "", (path, value) => {
				madeFor(paths, path, () => new Set<string>()).add(JSON.stringify(value));
			});
		}
	}
	const added = [...inputs].filter(([, paths]) => paths.size > 0);
	return {
		inputs: sorted(added, (paths) => sorted([...paths], (values) => choice([...values].sort()))),
		resources: sorted([...resources], (names) => sorted([...names], (shape) => shape)),
	};
}

/** @param report gets each path that only the engine has, such as `disks[].cache` */
export function compare(
	declared: unknown,
	shown: unknown,
	path: string,
	report: (path: string, value: unknown) => void,
): void {
	if (Array.isArray(declared) && Array.isArray(shown)) {
		if (shown.length > declared.length) {
			throw new Error(`The engine adds an element to ${path}.`);
		}
		for (const [index, element] of shown.entries()) {
			compare(declared[index], element, `${path}[]`, report);
		}
	} else if (isMembers(declared) && isMembers(shown) && !(mark in shown)) {
		for (const [name, value] of Object.entries(shown).filter(([name]) => !isOfTheBridge(name))) {
			const place = path === "" ? name : `${path}.${name}`;
			if (name in declared) {
				compare(declared[name], value, place, report);
			} else {
				report(place, value);
			}
		}
	}
}

/** A secret in the form of the protocol: @pulumi/pulumi runtime/rpc.js. */
const mark = "4dabf18193072939515e22adb298388d";

/** Notes of the bridge and of the engine to themselves, which no policy sees: `__defaults` and `__internal`. */
function isOfTheBridge(name: string): boolean {
	return name.startsWith("__");
}

function isMembers(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function madeFor<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
	const value = map.get(key) ?? make();
	map.set(key, value);
	return value;
}

function choice(values: readonly string[]): Shape {
	const shapes = values.map((value) => JSON.parse(value) as Shape);
	return shapes.length === 1 ? shapes[0]! : { $any: shapes };
}

function sorted<Value, Result>(
	entries: readonly [string, Value][],
	make: (value: Value) => Result,
): Record<string, Result> {
	return Object.fromEntries(
		entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, make(value)]),
	);
}
