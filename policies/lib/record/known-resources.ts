/** The record of the resources that the program may declare (policies/record): by type and name, the shape of the inputs. */
import { readdirSync, readFileSync } from "node:fs";
import { yaml } from "../reading/yaml.ts";
import { constantsOf, matchesTemplate } from "./formats.ts";
import { ownScripts } from "./own-scripts.ts";
import { pluginDefaults, withDefaults } from "./plugin-defaults.ts";
import type { Shape } from "./shapes.ts";

/** By type, by the template of the resource's name. */
export type KnownResources = Readonly<Record<string, Readonly<Record<string, Shape>>>>;

const folder = new URL("../../record/", import.meta.url);

let known: KnownResources | undefined;

/** Reads what every resource is compared with, and loads the parser of its texts, so that the first one need not wait for it. */
export function readRecord(): void {
	yaml();
	knownResources();
	pluginDefaults();
	ownScripts();
}

export function knownResources(): KnownResources {
	known ??= Object.assign(
		{},
		...readdirSync(folder)
			.filter((name) => name.endsWith(".json"))
			.map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8"))),
	) as KnownResources;
	return known;
}

/** By type, by the name of a resource. */
const recordedNames = new Map<string, Map<string, string | undefined>>();

/** The most exact of the recorded names that stand for the name of a resource, if there is one. */
export function recordedName(type: string, name: string): string | undefined {
	const known = recordedNames.get(type) ?? new Map<string, string | undefined>();
	recordedNames.set(type, known);
	if (!known.has(name)) {
		known.set(name, mostExactName(type, name));
	}
	return known.get(name);
}

function mostExactName(type: string, name: string): string | undefined {
	// A type may have the name of a member that every object has.
	const names = Object.hasOwn(knownResources(), type) ? Object.keys(knownResources()[type]!) : [];
	const fitting = names.filter((template) => matchesTemplate(template, name));
	return fitting.sort((a, b) => literalLength(b) - literalLength(a))[0];
}

const shapes = new Map<string, Shape>();

/** The shape of the inputs of a resource as the engine shows them to a policy, if the record has it. */
export function shapeOf(type: string, name: string): Shape | undefined {
	const recorded = recordedName(type, name);
	if (recorded === undefined) {
		const { resources } = pluginDefaults();
		const ofType = Object.hasOwn(resources, type) ? resources[type]! : {};
		return Object.hasOwn(ofType, name) ? ofType[name] : undefined;
	}
	const key = `${type} ${recorded}`;
	const shape = shapes.get(key) ?? withDefaults(type, knownResources()[type]![recorded]!);
	shapes.set(key, shape);
	return shape;
}

/** By the template of a command's name, the shapes that its standard input had in earlier versions of the program. */
export const formerFilesFile = new URL("former/files.json", folder);

let formerFiles: Readonly<Record<string, readonly Shape[]>> | undefined;

/**
 * The shapes of a command that keeps its files of the day on which it was created: a seed, a join or a restore ignores changes of its
 * standard input, so that the engine hands over the old one.
 */
export function formerShapesOf(type: string, name: string): Shape[] {
	formerFiles ??= JSON.parse(readFileSync(formerFilesFile, "utf8")) as Record<string, Shape[]>;
	const current = shapeOf(type, name) as Readonly<Record<string, Shape>>;
	return (formerFiles[recordedName(type, name) ?? ""] ?? []).map((stdin) => ({ ...current, stdin }));
}

function literalLength(template: string): number {
	return constantsOf(template).join("").length;
}
