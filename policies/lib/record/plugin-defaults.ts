/**
 * The inputs that the engine and the plugins add to those of the program, before a policy sees them (policies/record/defaults).
 * `npm run policy:defaults` writes them from previews by the real engine.
 */
import { readFileSync } from "node:fs";
import { isObject } from "../reading/form.ts";
import type { Shape } from "./shapes.ts";

export interface PluginDefaults {
	/** By type, by the path of an input: `disks[].cache`. */
	inputs: Readonly<Record<string, Readonly<Record<string, Shape>>>>;
	/** By type, the inputs of the program that a plugin leaves out. */
	removed: Readonly<Record<string, readonly string[]>>;
	/** Resources of the engine itself, by type and name: the providers of resources that name none. */
	resources: Readonly<Record<string, Readonly<Record<string, Shape>>>>;
}

export const pluginDefaultsFile = new URL("../../record/defaults/plugins.json", import.meta.url);

let defaults: PluginDefaults | undefined;

export function pluginDefaults(): PluginDefaults {
	defaults ??= JSON.parse(readFileSync(pluginDefaultsFile, "utf8")) as PluginDefaults;
	return defaults;
}

/** The shape of the inputs of a resource, in which each default may stand where the program sets nothing. */
export function withDefaults(type: string, shape: Shape): Shape {
	const { inputs, removed } = pluginDefaults();
	const names = removed[type] ?? [];
	const all = isObject(shape)
		? Object.fromEntries(
				Object.entries(shape as object).map(([name, inner]) => [names.includes(name) ? `${name}?` : name, inner]),
			)
		: shape;
	return Object.entries(inputs[type] ?? {}).reduce<Shape>(
		(sum, [path, value]) => withDefault(sum, path.match(/\[\]|[^.[\]]+/g) ?? [], value),
		all,
	);
}

function withDefault(shape: Shape, path: readonly string[], value: Shape): Shape {
	const [member = "", ...rest] = path;
	if (Array.isArray(shape)) {
		return member === "[]" ? shape.map((element) => withDefault(element, rest, value)) : shape;
	}
	if (!isObject(shape)) {
		return shape;
	}
	const object = shape as Readonly<Record<string, Shape>>;
	if ("$output" in object) {
		return { $output: withDefault(object.$output!, path, value) };
	}
	if ("$any" in object) {
		return { $any: (object.$any as readonly Shape[]).map((choice) => withDefault(choice, path, value)) };
	}
	if ("$each" in object || "$all" in object) {
		return member === "[]"
			? Object.fromEntries(
					Object.entries(object).map(([name, elements]) => [
						name,
						Array.isArray(elements) ? elements.map((element) => withDefault(element, rest, value)) : elements,
					]),
				)
			: shape;
	}
	const known = [member, `${member}?`].find((name) => Object.hasOwn(object, name));
	if (known === undefined) {
		return rest.length === 0 ? { ...object, [`${member}?`]: value } : shape;
	}
	return rest.length === 0 ? shape : { ...object, [known]: withDefault(object[known]!, rest, value) };
}
