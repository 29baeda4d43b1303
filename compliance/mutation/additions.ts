/** Resources, objects and manifests that the program does not declare, beside those that it does. */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import type { Resource } from "../../policies/lib/rules/resource.ts";
import { nodeStepOf } from "../../src/facts/resource-names.ts";
import { paths } from "../../src/rke2/paths.ts";
import { type AddedObject, objects } from "./added-objects.ts";
import { type Mutant, valueFor } from "./mutant.ts";
import { inputsAt } from "./sdk-types.ts";

/** How many objects of the generators each stack gets, as a resource and as a manifest each. */
const objectsPerStack = 200;

/** @param seed of the values at random */
export function additionsTo(stack: string, resources: readonly Resource[], seed: number): Mutant[] {
	return [
		...resources.map((resource) => copyOf(stack, resource, seed)),
		...resourceTypes().map((type): Mutant => {
			const props = Object.fromEntries(inputsAt(type, []).map(({ name, example }) => [name, example]));
			return addition(stack, type, "added", props);
		}),
		...addedObjects(stack, resources, seed),
	];
}

/** The same resource under another name. */
function copyOf(stack: string, resource: Resource, seed: number): Mutant {
	const { type, name, urn } = resource;
	const word = valueFor(fc.constantFrom("added", "x", "worker-99", "0"), seed, urn);
	const other = name.includes("-") ? `${word}${name.slice(name.indexOf("-"))}` : `${name}-${word}`;
	return {
		stack,
		type,
		resource: other,
		place: "name",
		kind: "copied",
		key: "copied",
		make: () => ({ ...resource, name: other, urn: urn.replace(/[^:]*$/, other) }),
		original: undefined,
	};
}

function addedObjects(stack: string, resources: readonly Resource[], seed: number): Mutant[] {
	const names = Map.groupBy(resources, ({ type }) => type);
	const namespaces = resources.filter(({ type }) => type === "kubernetes:core/v1:Namespace").map(({ name }) => name);
	const servers = resources.filter(
		({ name, props }) => nodeStepOf(name) === "converge" && String(props.stdin).includes(paths.manifests),
	);
	return Array.from({ length: objectsPerStack }, (_, index) => `${stack} ${index}`).flatMap((text): Mutant[] => {
		const object = valueFor(objects(namespaces), seed, text);
		const type = typeOf(object);
		// A name that the record may know for the type.
		const taken = (names.get(type) ?? []).map(({ name }) => name.replace(/^[^-]*/, "added"));
		const name = valueFor(fc.constantFrom("added", ...taken), seed, text);
		const server = valueFor(fc.constantFrom(...servers), seed, text);
		const file = valueFor(fc.constantFrom("added.yaml", "rke2-canal-config.yaml"), seed, text);
		return [
			addition(stack, type, name, { ...object }),
			{
				stack,
				type: server.type,
				resource: server.name,
				place: `${paths.manifests}/${file}`,
				kind: "resource added",
				key: `${file} ${JSON.stringify(object)}`,
				make: () => ({ ...server, props: { ...server.props, stdin: withManifest(server, file, object) } }),
				original: server,
			},
		];
	});
}

/** The text with the object in a manifest: in one that is there already, or in a new one. */
function withManifest({ props }: Resource, file: string, object: AddedObject): string {
	const [stdin, path, line] = [props.stdin as string, `${paths.manifests}/${file}`, `| ${JSON.stringify(object)}`];
	const lines = stdin.split("\n");
	const header = lines.findIndex((text) => text.startsWith(`file ${path} `));
	return header === -1
		? `${stdin}\nfile ${path} 0600 root:root\n${line}\n`
		: [...lines.slice(0, header + 1), line, "| ---", ...lines.slice(header + 1)].join("\n");
}

/** @returns the token of the SDK, without the part of the group that only names Kubernetes */
function typeOf({ apiVersion, kind }: AddedObject): string {
	const group = apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`;
	return `kubernetes:${group}:${kind}`;
}

function addition(stack: string, type: string, name: string, props: Record<string, unknown>): Mutant {
	const urn = `urn:pulumi:preview::rke2-lab::${type}::${name}`;
	return {
		stack,
		type,
		resource: name,
		place: "",
		kind: "resource added",
		key: `${name} ${JSON.stringify(props)}`,
		make: () => ({ type, name, urn, props, opts: { ignoreChanges: [], protect: false } }),
		original: undefined,
	};
}

let types: readonly string[] | undefined;

/** Every type of resource that the SDKs of the providers have. */
function resourceTypes(): readonly string[] {
	types ??= ["@muhlba91/pulumi-proxmoxve", "@pulumi/command", "@pulumi/kubernetes", "@pulumi/tls"].flatMap(typesIn);
	return types;
}

function typesIn(name: string): string[] {
	const folder = new URL(`../../node_modules/${name}/`, import.meta.url);
	const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
	return files
		.filter((file) => file.endsWith(".js") && !/(?:^|\/)(?:get[A-Z]|node_modules)/.test(file))
		.sort()
		.flatMap((file) => {
			const text = readFileSync(new URL(file, folder), "utf8");
			return /__pulumiType = ['"](?<type>[^'"]+:[^'"]+:[^'"]+)['"]/.exec(text)?.groups?.type ?? [];
		});
}
