/** Which resources no stack file does without. */
import type { RequiredResources } from "../../policies/lib/record/required-resources.ts";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { platformNamespaces } from "../../src/facts/add-ons.ts";

/** The resources of one preview. */
export interface DeclaredNames {
	stack: StackConfig;
	resources: readonly { type: string; name: string }[];
}

const namespaceType = "kubernetes:core/v1:Namespace";
const ofPlatform: readonly string[] = Object.values(platformNamespaces);

/** Components only group resources, and no policy sees the stack itself as a resource to require. */
const grouping = /^(?:pulumi:pulumi:Stack$|rke2-lab:)/;

export function requiredIn(previews: readonly DeclaredNames[]): RequiredResources {
	const declared = previews.map(({ stack, resources }) => ({
		stack,
		namespaces: resources.flatMap(({ type, name }) => (type === namespaceType ? [name] : [])),
		names: new Set(resources.filter(({ type }) => !grouping.test(type)).map(({ type, name }) => `${type} ${name}`)),
	}));
	const [first] = declared;
	const owned = (ownersOf: (one: Omit<DeclaredNames, "resources"> & { namespaces: readonly string[] }) => string[]) => {
		const [owner] = declared.flatMap((one) => ownersOf(one).slice(0, 1));
		const templates = [...(first?.names ?? [])].flatMap((name) => templateFor(name, owner));
		const has = (template: string) =>
			declared.every((one) => ownersOf(one).every((name) => one.names.has(template.replace("<name>", name))));
		return templates.filter(has).sort();
	};
	return {
		always: [...(first?.names ?? [])].filter((name) => declared.every(({ names }) => names.has(name))).sort(),
		machine: owned(({ stack }) => Object.keys(stack.nodes)),
		platform: owned(({ namespaces }) => namespaces.filter((name) => ofPlatform.includes(name))),
		workload: owned(({ namespaces }) => namespaces.filter((name) => !ofPlatform.includes(name))),
	};
}

/** The name with `<name>` in the place of the owner, where the name begins with it. */
function templateFor(typeAndName: string, owner = ""): string[] {
	const [type = "", name = ""] = typeAndName.split(" ");
	return owner !== "" && (name === owner || name.startsWith(`${owner}-`))
		? [`${type} <name>${name.slice(owner.length)}`]
		: [];
}
