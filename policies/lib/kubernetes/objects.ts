/** Kubernetes objects among the resources of a program. */
import type { NodeFile } from "../../../src/rke2/bundle.ts";
import { paths } from "../../../src/rke2/paths.ts";
import { type Shape, type Shaped, shaped } from "../reading/shape.ts";
import { fault, parseYamlDocuments } from "../reading/yaml.ts";
import { nodeFiles } from "../rke2/files.ts";
import { type Resource, UndecidableError } from "../rules/resource.ts";

/** The parts of an object's metadata that rules read. The program writes these parts, so a preview knows them. */
const metadataShape = { name: "string", namespace: "string", labels: "object" } as const;
export type Metadata = Shaped<typeof metadataShape>;

/** One object as it is declared. Rules name the fields that they read themselves. */
export interface KubernetesObject {
	/** `Kind namespace/name`, as people and exceptions name the object. */
	subject: string;
	/** e.g. `v1` or `apps/v1` */
	apiVersion: string;
	kind: string;
	/** A patch changes an object that another program made, and has only the changed fields. */
	patch: boolean;
	metadata: Metadata;
	/** Path of the object in the inputs of its resource; not set for a manifest, which is one text. */
	origin?: readonly (string | number)[];
	/** All of the object. */
	manifest: Readonly<Record<string, unknown>>;
}

/** One object with the resource that declares it. */
export interface DeclaredObject {
	object: KubernetesObject;
	resource: Resource;
}

/** Every object of a program, for rules across them. */
export function declaredObjects(resources: readonly Resource[]): DeclaredObject[] {
	return resources.flatMap((resource) => objectsOf(resource).map((object) => ({ object, resource })));
}

/**
 * An object of a rendered chart as a resource, so that rules are put to it as to the program's own.
 *
 * @param urn tells it from the other objects of the chart
 */
export function resourceOf(object: KubernetesObject, urn: string): Resource {
	const { apiVersion, kind, manifest } = object;
	const resource: Resource = {
		type: `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`,
		// Read when a rule asks for it: metadata of a wrong type is then a violation, and no crash.
		get name() {
			return object.subject;
		},
		urn,
		props: manifest,
		opts: { ignoreChanges: [], protect: false },
	};
	objectsByResource.set(resource, [object]);
	return resource;
}

/**
 * A part of an object as its shape, or nothing where it is absent.
 *
 * @param path members from the object's root; none for the object itself
 * @throws UndecidableError when a member of the path, or of the part, has another type
 */
export function partOf<S extends Shape>(object: KubernetesObject, path: readonly string[], shape: S) {
	const whole = path.reduceRight<Shape>((inner, member) => ({ [member]: inner }), shape);
	const root: unknown = shaped(object.manifest, whole, { path: [], owner: () => object.subject });
	const part = path.reduce((value, member) => (value as Record<string, unknown> | undefined)?.[member], root);
	return part as Shaped<S> | undefined;
}

/** Whether a patch leaves the field as it is, so that there is no value to evaluate. */
export function isLeftAlone({ patch }: KubernetesObject, value: unknown): boolean {
	return patch && value === undefined;
}

/**
 * The objects that a resource declares: itself, the members of a list, or the objects of the manifests that it carries to a
 * server, where RKE2 applies them.
 *
 * @throws UndecidableError when a manifest is not YAML
 */
export function objectsOf(resource: Resource): readonly KubernetesObject[] {
	const known = objectsByResource.get(resource) ?? declaredBy(resource);
	objectsByResource.set(resource, known);
	return known;
}

/** Every rule about objects reads the same ones. */
const objectsByResource = new WeakMap<Resource, readonly KubernetesObject[]>();

function declaredBy(resource: Resource): readonly KubernetesObject[] {
	const [, group, version, token] = /^kubernetes:(?:([^/]+)\/)?([^:/]+):(.+)$/.exec(resource.type) ?? [];
	if (token === undefined || group === "helm.sh") {
		return manifestsOf(resource);
	}
	const apiVersion = group === "core" || group === undefined ? version! : `${group}/${version}`;
	const { items } = resource.props as { items?: unknown };
	if (token.endsWith("List") && items !== undefined) {
		const list = shaped(items, ["object"], { path: ["items"], owner: () => resource.name }) ?? [];
		return list.map((item, index) =>
			declared(apiVersion, token.slice(0, -"List".length), item, resource.name, { origin: ["items", index] }),
		);
	}
	// Pulumi gives patches a type of their own, which a comparison with the type of the kind would miss.
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

/** By the list of a node's files, which is the same for every rule. */
const manifests = new WeakMap<readonly NodeFile[], readonly KubernetesObject[]>();

function parsedManifests(files: readonly NodeFile[], resource: string): KubernetesObject[] {
	return files
		.filter(({ path }) => path.startsWith(`${paths.manifests}/`) && /\.ya?ml$/.test(path))
		.flatMap(({ path, content }) => {
			try {
				return objectsOfFile(content, path);
			} catch (error) {
				throw error instanceof UndecidableError
					? error
					: new UndecidableError(`${path} in ${resource} ${fault(error)}`);
			}
		});
}

/** Every server gets the same manifests: each is parsed once. */
function objectsOfFile(text: string, path: string): readonly KubernetesObject[] {
	const key = `${path}\n${text}`;
	const objects = read.get(key) ?? objectsIn(text, path);
	read.set(key, objects);
	return objects;
}

const read = new Map<string, readonly KubernetesObject[]>();

/**
 * The objects of a manifest with any number of documents.
 *
 * @param file names objects without a name
 * @throws Error when a document is not YAML
 * @throws UndecidableError when a document is not an object
 */
export function objectsIn(text: string, file: string): KubernetesObject[] {
	return parseYamlDocuments(text).flatMap((document) => {
		const place = { path: ["the manifest"], owner: () => file };
		const manifest = shaped(document, "object", place) ?? { items: [] };
		const members = Array.isArray(manifest.items) ? shaped(manifest.items, ["object"], place)! : [manifest];
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
	let metadata: Metadata | undefined;
	return {
		apiVersion,
		kind,
		manifest,
		patch,
		origin,
		// Read on demand: a rule about other kinds must not fail on a name that is not known yet.
		get metadata() {
			const place = { path: ["metadata"], owner: () => `${kind} in ${name}` };
			metadata ??= shaped(manifest.metadata, metadataShape, place) ?? {};
			return metadata;
		},
		get subject() {
			const { name: own = name, namespace } = this.metadata;
			return `${kind} ${namespace ? `${namespace}/` : ""}${own}`;
		},
	};
}
