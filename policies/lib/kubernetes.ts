/** Kubernetes objects among what a program declares. */
import { parseAllDocuments } from "yaml";
import type { NodeFile } from "../../src/rke2/bundle.ts";
import { paths } from "../../src/rke2/paths.ts";
import { nodeFiles } from "./rke2-files.ts";
import { type Resource, UndecidableError } from "./rule.ts";

/** The parts of an object's metadata that rules read: those that a program writes, known at preview. */
export interface Metadata {
	name?: string;
	namespace?: string;
	labels?: Record<string, string>;
}

/** One object as it is declared. Rules name the fields that they read themselves. */
export interface KubernetesObject {
	/** `Kind namespace/name`, as people and exceptions name the object. */
	subject: string;
	/** e.g. `v1` or `apps/v1` */
	apiVersion: string;
	kind: string;
	/** A patch changes an object that somebody else made, and says only what it changes. */
	patch: boolean;
	metadata: Metadata;
	/** Where the object stands in the inputs of its resource; not set in a manifest, which is one text. */
	origin?: readonly (string | number)[];
	/** All of the object. */
	manifest: Readonly<Record<string, unknown>>;
}

/**
 * The objects that a resource declares: itself, the members of a list, or what the manifests hold that it carries to a
 * server, where RKE2 applies them.
 *
 * @throws UndecidableError when a manifest is not YAML
 */
export function objectsOf(resource: Resource): readonly KubernetesObject[] {
	const [, group, version, token] = /^kubernetes:(?:([^/]+)\/)?([^:/]+):(.+)$/.exec(resource.type) ?? [];
	if (token === undefined || group === "helm.sh") {
		return manifestsOf(resource);
	}
	const apiVersion = group === "core" || group === undefined ? version! : `${group}/${version}`;
	const { items } = resource.props as { items?: unknown };
	if (token.endsWith("List") && items !== undefined) {
		return (items as Record<string, unknown>[]).map((item, index) =>
			declared(apiVersion, token.slice(0, -"List".length), item, resource.name, { origin: ["items", index] }),
		);
	}
	// Pulumi gives patches a type of their own, which a comparison with the type of the kind alone lets through.
	const patch = token.endsWith("Patch");
	const kind = patch ? token.slice(0, -"Patch".length) : token;
	return [declared(apiVersion, kind, resource.props, resource.name, { patch, origin: [] })];
}

function manifestsOf(resource: Resource): readonly KubernetesObject[] {
	const files = nodeFiles(resource);
	const objects = manifests.get(files) ?? parsedManifests(files, resource.name);
	manifests.set(files, objects);
	return objects;
}

/** By the files of a node, which are the same list for every rule that asks. */
const manifests = new WeakMap<readonly NodeFile[], readonly KubernetesObject[]>();

function parsedManifests(files: readonly NodeFile[], resource: string): KubernetesObject[] {
	return files
		.filter(({ path }) => path.startsWith(`${paths.manifests}/`) && /\.ya?ml$/.test(path))
		.flatMap(({ path, content }) => {
			try {
				return objectsIn(content, path);
			} catch {
				throw new UndecidableError(`${path} in ${resource} is not YAML`);
			}
		});
}

/**
 * The objects of a manifest with any number of documents.
 *
 * @param file names an object that has no name
 * @throws Error when a document is not YAML
 */
export function objectsIn(text: string, file: string): KubernetesObject[] {
	return parseAllDocuments(text).flatMap((document) => {
		if (document.errors.length > 0) {
			throw document.errors[0];
		}
		const manifest = document.toJS() as Record<string, unknown> | null;
		if (!manifest) {
			return [];
		}
		const members = Array.isArray(manifest.items) ? (manifest.items as Record<string, unknown>[]) : [manifest];
		return members.map((member) => declared(String(member.apiVersion), String(member.kind), member, file));
	});
}

function declared(
	apiVersion: string,
	kind: string,
	manifest: Record<string, unknown>,
	name: string,
	{ patch = false, origin }: Partial<Pick<KubernetesObject, "patch" | "origin">> = {},
): KubernetesObject {
	return {
		apiVersion,
		kind,
		manifest,
		patch,
		origin,
		// Read when asked for: a rule about other kinds must not stumble over a name that is not known yet.
		get metadata() {
			return (manifest.metadata ?? {}) as Metadata;
		},
		get subject() {
			const { name: own = name, namespace } = this.metadata;
			return `${kind} ${namespace ? `${namespace}/` : ""}${own}`;
		},
	};
}
