/**
 * The inputs of a resource with the texts in them taken apart: the files that a command carries to a node, the keys of RKE2's
 * configuration, the objects of a manifest, the lines of any other file. A closed shape reaches into all of them.
 */
import { nodeStepOf } from "../../../src/facts/resource-names.ts";
import type { NodeFile } from "../../../src/rke2/bundle.ts";
import { paths } from "../../../src/rke2/paths.ts";
import { isObject } from "../reading/form.ts";
import { fault, parseConfigYaml, parseYamlDocuments } from "../reading/yaml.ts";
import { bundleOf, nodeFiles, remoteCommand } from "../rke2/files.ts";
import { type Resource, UndecidableError } from "../rules/resource.ts";
import { behindScript, ownScript } from "./own-scripts.ts";

/**
 * Each text is taken apart when it is read: it may be unknown at preview.
 *
 * @throws UndecidableError at the reading of a text that is not what its place says
 */
export function contentsOf(resource: Resource): Record<string, unknown> {
	const { type, props } = resource;
	const [input, partsOf] = texts[type] ?? [];
	return partsOf === undefined
		? props
		: new Proxy(props, {
				get: (target, name) => {
					const value = Reflect.get(target, name);
					return name === input && typeof value === "string" ? partsOf(value, resource) : value;
				},
			});
}

/** By type of the resource, the input with a text, and its parts. */
const texts: Readonly<Record<string, readonly [string, (text: string, resource: Resource) => unknown]>> = {
	"pulumi:providers:kubernetes": [
		"kubeconfig",
		(text, resource) => parsed({ path: "kubeconfig.yaml", content: text }, resource),
	],
	"command:local:Command": ["stdin", withScript],
	[remoteCommand]: ["stdin", withFiles],
};

/** What a script reads after itself stands in lines. */
function withScript(text: string): unknown {
	const known = behindScript(text);
	return known ? { script: known.script, lines: known.rest.split("\n") } : text;
}

function withFiles(text: string, resource: Resource): unknown {
	if (nodeStepOf(resource.name) === "registries") {
		return parsed({ path: paths.registries, content: text }, resource);
	}
	const files = bundleOf(resource);
	if (files.length === 0) {
		return withScript(text);
	}
	const script = behindScript(text)?.script;
	if (script === undefined && !text.startsWith("file /")) {
		throw new UndecidableError(
			`stdin of ${resource.name} begins with something else than files or a script of the program`,
		);
	}
	// A seed and a join keep the input of the day on which they were created (nodeFiles).
	const past = nodeFiles(resource).length === 0;
	return { ...(script && { script }), files: past ? {} : byPath(files, resource) };
}

/** @throws UndecidableError when a path stands there twice: the second file would replace the first */
function byPath(files: readonly NodeFile[], resource: Resource): Record<string, unknown> {
	const contents = new Map<string, unknown>();
	for (const file of files) {
		if (contents.has(file.path)) {
			throw new UndecidableError(`${resource.name} carries ${file.path} twice`);
		}
		const { mode, owner } = file;
		contents.set(file.path, { mode, owner, content: parsed(file, resource) });
	}
	return Object.fromEntries(contents);
}

function parsed({ path, content }: Pick<NodeFile, "path" | "content">, resource: Resource): unknown {
	const script = ownScript(content);
	if (script) {
		return { script };
	}
	if (path.endsWith(".pem")) {
		return content;
	}
	if (!/\.ya?ml$/.test(path)) {
		return content.split("\n").slice(0, -1);
	}
	try {
		if (path === paths.config || path.startsWith(`${paths.config}.d/`)) {
			return withLists(parseConfigYaml(content));
		}
		return parseYamlDocuments(content);
	} catch (error) {
		throw new UndecidableError(`${path} in ${resource.name} ${fault(error)}`);
	}
}

/** RKE2 reads a list with one value and that value alike. */
function withLists(config: unknown): unknown {
	return isObject(config)
		? Object.fromEntries(
				Object.entries(config).map(([key, value]) => [key, Array.isArray(value) ? value : String(value)]),
			)
		: config;
}
