/**
 * The inputs of a resource with the texts in them taken apart: the files that a command carries to a node, the keys of RKE2's
 * configuration, the objects of a manifest, the lines of any other file. A closed shape reaches into all of them.
 */
import { nodeStepOf } from "../../../src/facts/resource-names.ts";
import type { NodeFile } from "../../../src/rke2/bundle.ts";
import { paths } from "../../../src/rke2/paths.ts";
import { isObject } from "../reading/form.ts";
import { fault, parseConfigYaml, parseYamlDocuments } from "../reading/yaml.ts";
import { bundleOf, remoteCommand } from "../rke2/files.ts";
import { signedAddresses } from "../rke2/signed-addresses.ts";
import { keepsFormer, type Resource, UndecidableError } from "../rules/resource.ts";
import { behindFormerScript, behindScript, ownScript } from "./own-scripts.ts";

/**
 * Each text is taken apart when it is read: it may be unknown at preview.
 *
 * @throws UndecidableError at the reading of a text that is not what its place says
 */
export function contentsOf(resource: Resource): Record<string, unknown> {
	const { type, props } = resource;
	if (type === "kubernetes:core/v1:Secret") {
		return withPlainData(props);
	}
	const [input, partsOf] = Object.hasOwn(texts, type) ? texts[type]! : [];
	return partsOf === undefined
		? props
		: new Proxy(props, {
				get: (target, name) => {
					const value = Reflect.get(target, name);
					return name === input && typeof value === "string" ? partsOf(value, resource) : value;
				},
			});
}

/** The plugin of Kubernetes moves `stringData` to `data`, in base64, once the cluster answers. */
function withPlainData(props: Record<string, unknown>): Record<string, unknown> {
	if (!("data" in props)) {
		return props;
	}
	const { data, ...others } = props;
	const plain = isObject(data)
		? Object.fromEntries(Object.entries(data).map(([name, value]) => [name, decoded(value)]))
		: data;
	return "stringData" in others ? props : { ...others, stringData: plain };
}

function decoded(value: unknown): unknown {
	const bytes = typeof value === "string" ? Buffer.from(value, "base64") : undefined;
	return bytes?.toString("base64") === value ? bytes?.toString() : value;
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

/**
 * A script by its name, with what it reads after itself: the text that one script reads is none that another may have. A text that
 * no script begins stays as it is.
 */
function withScript(text: string, resource: Resource): unknown {
	const keepsOld = keepsFormer(resource, "stdin");
	const known = behindScript(text) ?? (keepsOld ? behindFormerScript(text) : undefined);
	if (!known) {
		return text;
	}
	const { script, rest } = known;
	const parts = layouts[script]?.exec(rest)?.groups;
	return { [script]: parts ? read(parts, resource) : rest };
}

const pem = String.raw`-----BEGIN [A-Z ]+-----\n[A-Za-z0-9+/=\n]+\n-----END [A-Z ]+-----\n`;

/** What the scripts that run beside Pulumi read after themselves, from the first character to the last (src/rke2/scripts). */
const layouts: Readonly<Record<string, RegExp>> = {
	"bastion.sh": new RegExp(`^(?<login>[^\\n]*)\\n(?<key>${pem})\\n(?<then>#![^]*)$`),
	"agent-host-key.sh": /^(?<token>[^\n]*)\n$/,
	"admin-kubeconfig.sh": new RegExp(`^(?<servers>(?:[^\\n]+\\n)+)\\n(?<key>${pem})$`),
};

function read(parts: Readonly<Record<string, string>>, resource: Resource): Record<string, unknown> {
	return Object.fromEntries(
		Object.entries(parts).map(([name, text]) => {
			switch (name) {
				case "then":
					return [name, withScript(text, resource)];
				case "servers":
					return [name, text.split("\n").slice(0, -1)];
				default:
					return [name, text];
			}
		}),
	);
}

function withFiles(text: string, resource: Resource): unknown {
	if (nodeStepOf(resource.name) === "registries") {
		return parsed({ path: paths.registries, content: text }, resource);
	}
	if (nodeStepOf(resource.name) === "restore" && text.startsWith("http")) {
		return withAddresses(text, resource);
	}
	const files = bundleOf(resource);
	if (files.length === 0) {
		return withScript(text, resource);
	}
	const { script, rest } = behindScript(text) ?? { rest: text };
	if (!rest.startsWith("file /")) {
		throw new UndecidableError(
			`stdin of ${resource.name} has something else before its files than a script of the program`,
		);
	}
	return {
		...(script !== undefined && { script }),
		files: byPath(files, resource),
	};
}

/**
 * The check of a restore from the S3 store reads two addresses of one store (src/rke2/snapshot-addresses.ts). Their signatures
 * and times are others each time, and their paths are the stack file's.
 */
function withAddresses(text: string, resource: Resource): unknown {
	const addresses = signedAddresses(text);
	if (!addresses) {
		throw new UndecidableError(`stdin of ${resource.name} does not begin with two signed addresses of one store`);
	}
	return { signedForSeconds: addresses.seconds, authority: addresses.authority };
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
		const documents = parseYamlDocuments(content);
		return documents.length === 1 ? documents[0] : documents;
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
