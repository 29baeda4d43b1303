/** The files that a program writes to a node, and the RKE2 configuration among them. */
import { type NodeStep, nodeStepOf } from "../../../src/facts/resource-names.ts";
import { type NodeFile, parseBundle } from "../../../src/rke2/bundle.ts";
import type { Rke2Role } from "../../../src/rke2/keys.ts";
import { paths } from "../../../src/rke2/paths.ts";
import { isObject } from "../reading/form.ts";
import { remembered } from "../reading/remembered.ts";
import { fault, parseConfigYaml, parseYaml } from "../reading/yaml.ts";
import { type Resource, UndecidableError } from "../rules/resource.ts";

/** The type of the commands that run on a node and carry its files. */
export const remoteCommand = "command:remote:Command";
export const localCommand = "command:local:Command";

/** Drop-ins, read after config.yaml: https://docs.rke2.io/install/configuration */
const dropInDirectory = `${paths.config}.d/`;

/** The steps that happen once: converge carries the same files, and later changes. */
const once: readonly (NodeStep | undefined)[] = ["seed", "join", "restore"];

/**
 * The files that a command carries to a node in its standard input, behind a script or not; none for any other resource.
 *
 * The seed, a join and a restore ignore changes of their input, so that the engine hands over the input of the day on which they were
 * created: a rule that evaluated it could never be satisfied again. Nodes run what converge carries.
 *
 * @throws UndecidableError when what follows the first file is no bundle
 */
export function nodeFiles(resource: Resource): NodeFile[] {
	const { name, opts } = resource;
	return once.includes(nodeStepOf(name)) && opts.ignoreChanges.includes("stdin") ? [] : bundleOf(resource);
}

/** The same, for the steps that happen once as well. */
export function bundleOf({ type, name, props }: Resource): NodeFile[] {
	const stdin = type === remoteCommand ? props.stdin : undefined;
	const start = typeof stdin === "string" ? stdin.search(/^file \//m) : -1;
	if (start === -1) {
		return [];
	}
	try {
		return parsedBundle((stdin as string).slice(start));
	} catch {
		// The parser's sentence counts lines from the first file, and a reader would not find them.
		throw new UndecidableError(`stdin of ${name} begins as files for a node but does not go on as such`);
	}
}

/** Rules about single resources read the same files one after the other, and each rule about a stack reads those of all nodes. */
const parsedBundle = remembered(parseBundle);

/** One configuration file of RKE2. */
export interface ConfigFile {
	path: string;
	/** Its keys, or nothing where it is not a YAML mapping. */
	keys: Record<string, unknown> | undefined;
}

/** RKE2's configuration on one node, as the command that writes it carries it. */
export interface Rke2Config {
	role: Rke2Role;
	/** Start of a sentence about it. */
	title: string;
	/** config.yaml, then the drop-ins in the order in which RKE2 reads them. */
	files: ConfigFile[];
	/** The keys in force: each from the last file that sets it, with the values that later files append. */
	effective: Record<string, unknown>;
	/** All files that the node gets with it. */
	nodeFiles: readonly NodeFile[];
}

/** The configuration that a resource carries to a node, if it carries one. */
export function rke2ConfigOf(resource: Resource): Rke2Config | undefined {
	if (configs.has(resource)) {
		return configs.get(resource);
	}
	const config = readConfig(resource);
	configs.set(resource, config);
	return config;
}

/** Every rule about RKE2 reads the same ones. */
const configs = new WeakMap<Resource, Rke2Config | undefined>();

function readConfig(resource: Resource): Rke2Config | undefined {
	const files = nodeFiles(resource);
	const main = files.filter(({ path }) => path === paths.config);
	const dropIns = files.filter(({ path }) => isDropIn(path)).sort((a, b) => (a.path < b.path ? -1 : 1));
	const configFiles = [...main, ...dropIns].map(({ path, content }) => ({ path, keys: parsedConfig(content) }));
	if (configFiles.length === 0) {
		return undefined;
	}
	return {
		// Every server gets manifests, which configure Canal and the virtual address. No agent does.
		role: files.some(({ path }) => path.startsWith(`${paths.manifests}/`)) ? "server" : "agent",
		title: `The RKE2 configuration in ${resource.name}`,
		files: configFiles,
		effective: merged(configFiles),
		nodeFiles: files,
	};
}

/** The configuration that a resource carries to a server, if it carries one. */
export function serverConfigOf(resource: Resource): Rke2Config | undefined {
	const config = rke2ConfigOf(resource);
	return config?.role === "server" ? config : undefined;
}

/** The values of a key that takes a list. */
export function listOf({ effective }: Rke2Config, key: string): string[] {
	return [effective[key] ?? []].flat().map(String);
}

function isDropIn(path: string): boolean {
	return path.startsWith(dropInDirectory) && /\.ya?ml$/.test(path);
}

/** A key that ends in a plus appends to the values of earlier files. */
function merged(files: readonly ConfigFile[]): Record<string, unknown> {
	const effective: Record<string, unknown> = {};
	for (const [key, value] of files.flatMap(({ keys = {} }) => Object.entries(keys))) {
		const name = key.replace(/\+$/, "");
		effective[name] = name === key ? value : [effective[name] ?? [], value ?? []].flat();
	}
	return effective;
}

/**
 * The content of a YAML file for a node, as Kubernetes reads it.
 *
 * @throws UndecidableError when it is not YAML; the message does not have the parser's sentence, which quotes the file
 */
export function parsedFile({ path, content }: NodeFile, resource: Resource): unknown {
	try {
		return parseYaml(content);
	} catch (error) {
		throw new UndecidableError(`${path} in ${resource.name} ${fault(error)}`);
	}
}

const parsedConfig = remembered(mapping);

function mapping(content: string): Record<string, unknown> | undefined {
	try {
		const value = parseConfigYaml(content);
		return isObject(value) ? value : undefined;
	} catch {
		return undefined;
	}
}
