/** The inputs that a provider's SDK offers for a type of resource, read from the types in its package. */
import { existsSync, readFileSync } from "node:fs";
import ts from "typescript";

/** One input of a resource, or one member of it. */
export interface Input {
	name: string;
	/** A value of its type, as small as possible. */
	example: unknown;
}

const modules = new URL("../../node_modules/", import.meta.url);

const packages: Readonly<Record<string, string>> = {
	command: "@pulumi/command",
	kubernetes: "@pulumi/kubernetes",
	proxmoxve: "@muhlba91/pulumi-proxmoxve",
	pulumi: "@pulumi/pulumi",
	tls: "@pulumi/tls",
};

type Interfaces = ReadonlyMap<string, ts.InterfaceDeclaration>;

/** The types of one package. */
class Types {
	readonly #folder: string;
	readonly #files = new Map<string, Interfaces>();

	constructor(name: string) {
		this.#folder = new URL(`${name}/`, modules).pathname;
	}

	/** @param name e.g. `core.v1.Container` of `types/input.d.ts` */
	find(file: string, name: string): ts.InterfaceDeclaration | undefined {
		const known = this.#files.get(file) ?? interfacesIn(`${this.#folder}${file}.d.ts`);
		this.#files.set(file, known);
		return known.get(name);
	}
}

const typesOf = new Map<string, Types>();

/**
 * @param type e.g. `kubernetes:core/v1:Namespace`
 * @param path members from the resource's root; an index of a list counts as one
 * @returns nothing for a type that the package does not have, such as a custom resource, and for a place with free members
 */
export function inputsAt(type: string, path: readonly string[]): Input[] {
	const isProvider = type.startsWith("pulumi:providers:");
	const [provider = "", module = "", name = ""] = isProvider
		? [type.slice("pulumi:providers:".length), "index", "Provider"]
		: type.split(":");
	const folder = packages[provider];
	if (folder === undefined) {
		return [];
	}
	const types = typesOf.get(folder) ?? new Types(folder);
	typesOf.set(folder, types);
	const [group = "", ...rest] = module.split("/");
	// The module of Kubernetes is a group and a version; that of other providers ends in the name of the file.
	const ends = provider === "kubernetes" || !module.includes("/");
	const file = [group.split(".")[0]!, ...rest, ...(ends ? [`${name[0]?.toLowerCase()}${name.slice(1)}`] : [])];
	let declared = types.find(file.filter((part) => part !== "index").join("/"), `${name}Args`);
	for (const member of path) {
		const node: ts.TypeNode | undefined = membersOf(declared).find(({ name }) => name.getText() === member)?.type;
		declared = /^\d+$/.test(member) ? declared : node && interfaceOf(types, node);
	}
	return membersOf(declared).map((property) => ({
		name: property.name.getText(),
		example: exampleOf(types, property.type!, 0),
	}));
}

function membersOf(declared: ts.InterfaceDeclaration | undefined): ts.PropertySignature[] {
	return declared?.members.filter(ts.isPropertySignature) ?? [];
}

function interfacesIn(path: string): Interfaces {
	const found = new Map<string, ts.InterfaceDeclaration>();
	if (!existsSync(path)) {
		return found;
	}
	const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
	const visit = (prefix: string) => (node: ts.Node) => {
		if (ts.isInterfaceDeclaration(node)) {
			found.set(`${prefix}${node.name.text}`, node);
		} else if (ts.isModuleDeclaration(node) && node.body) {
			ts.forEachChild(node.body, visit(`${prefix}${node.name.text}.`));
		}
	};
	ts.forEachChild(source, visit(""));
	return found;
}

/** A type without `Input` around it and without `undefined` beside it. */
function bare(node: ts.TypeNode): ts.TypeNode {
	if (ts.isUnionTypeNode(node)) {
		return bare(node.types.find((type) => type.kind !== ts.SyntaxKind.UndefinedKeyword) ?? node.types[0]!);
	}
	if (ts.isParenthesizedTypeNode(node)) {
		return bare(node.type);
	}
	if (ts.isTypeReferenceNode(node) && /^(?:pulumi\.)?Input$/.test(node.typeName.getText())) {
		return bare(node.typeArguments![0]!);
	}
	return node;
}

/** The interface of a type, or of the elements of a list. */
function interfaceOf(types: Types, node: ts.TypeNode): ts.InterfaceDeclaration | undefined {
	const type = bare(node);
	if (ts.isArrayTypeNode(type)) {
		return interfaceOf(types, type.elementType);
	}
	const [, name] = /^inputs\.([\w.]+)$/.exec(type.getText()) ?? [];
	return name === undefined ? undefined : types.find("types/input", name);
}

/** Objects inside each other go no deeper. */
const deepest = 2;

function exampleOf(types: Types, node: ts.TypeNode, depth: number): unknown {
	const type = bare(node);
	if (ts.isArrayTypeNode(type)) {
		return [exampleOf(types, type.elementType, depth)];
	}
	switch (type.kind) {
		case ts.SyntaxKind.BooleanKeyword:
			return true;
		case ts.SyntaxKind.NumberKeyword:
			return 1;
		case ts.SyntaxKind.TypeLiteral:
			return { added: "added" };
	}
	const declared = interfaceOf(types, type);
	if (!declared) {
		return "added";
	}
	const [first] = depth < deepest ? membersOf(declared) : [];
	return first ? { [first.name.getText()]: exampleOf(types, first.type!, depth + 1) } : {};
}
