/** The record of the resources that the program may declare (policies/record): by type and name, the shape of the inputs. */
import { readdirSync, readFileSync } from "node:fs";
import { constantsOf, matchesTemplate } from "./formats.ts";
import { pluginDefaults, withDefaults } from "./plugin-defaults.ts";
import type { Shape } from "./shapes.ts";

/** By type, by the template of the resource's name. */
export type KnownResources = Readonly<Record<string, Readonly<Record<string, Shape>>>>;

const folder = new URL("../../record/", import.meta.url);

let known: KnownResources | undefined;

/** Read when the first resource is evaluated. */
export function knownResources(): KnownResources {
	known ??= Object.assign(
		{},
		...readdirSync(folder)
			.filter((name) => name.endsWith(".json"))
			.map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8"))),
	) as KnownResources;
	return known;
}

/** The most exact of the recorded names that stand for the name of a resource, if there is one. */
export function recordedName(type: string, name: string): string | undefined {
	const names = Object.keys(knownResources()[type] ?? {});
	const fitting = names.filter((template) => matchesTemplate(template, name));
	return fitting.sort((a, b) => literalLength(b) - literalLength(a))[0];
}

const shapes = new Map<string, Shape>();

/** The shape of the inputs of a resource as the engine shows them to a policy, if the record has it. */
export function shapeOf(type: string, name: string): Shape | undefined {
	const recorded = recordedName(type, name);
	if (recorded === undefined) {
		return pluginDefaults().resources[type]?.[name];
	}
	const key = `${type} ${recorded}`;
	const shape = shapes.get(key) ?? withDefaults(type, knownResources()[type]![recorded]!);
	shapes.set(key, shape);
	return shape;
}

function literalLength(template: string): number {
	return constantsOf(template).join("").length;
}
