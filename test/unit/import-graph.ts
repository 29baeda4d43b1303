/** The files of the repository, and which other files each of them names: by imports of every kind and by path strings. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** `type` is erased before the program runs; `path` is a string that leads to a file or a directory. */
export type Kind = "import" | "type" | "path";

export interface Arrow {
	from: string;
	/** A file or a directory of the repository, from its root. */
	to: string;
	kind: Kind;
}

/** Files that Git tracks or would track, from the root. */
export const files: readonly string[] = execFileSync(
	"git",
	["ls-files", "--cached", "--others", "--exclude-standard"],
	{ cwd: root, encoding: "utf8", maxBuffer: 2 ** 26 },
)
	.split("\n")
	.filter((file) => file !== "");

const places: ReadonlySet<string> = new Set(files.flatMap((file) => [file, ...parents(file)]));

const sources = files
	.filter((file) => /\.(ts|cjs|mjs|js)$/.test(file))
	.filter((file) => readIfThere(file) !== undefined);

/** Packages that a file imports at run time. */
export const packagesOf = new Map<string, string[]>();

export const arrows: readonly Arrow[] = sources.flatMap((file) => arrowsOf(file));

/** Every file that the files load when they run, themselves included. */
export function loadedBy(starts: readonly string[]): Set<string> {
	const loaded = new Set(starts);
	for (const file of loaded) {
		for (const { to } of arrows.filter(({ from, kind }) => from === file && kind === "import")) {
			loaded.add(to);
		}
	}
	return loaded;
}

/** @returns one cycle among the nodes, as the way around it; nothing where there is no cycle */
export function cycleIn(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
	const finished = new Set<string>();
	const visit = (node: string, path: readonly string[]): string[] | undefined => {
		if (path.includes(node)) {
			return [...path.slice(path.indexOf(node)), node];
		}
		if (finished.has(node)) {
			return undefined;
		}
		for (const next of edges.get(node) ?? []) {
			const cycle = visit(next, [...path, node]);
			if (cycle) {
				return cycle;
			}
		}
		finished.add(node);
		return undefined;
	};
	for (const node of edges.keys()) {
		const cycle = visit(node, []);
		if (cycle) {
			return cycle;
		}
	}
	return undefined;
}

/** @param name of the node that a file belongs to, nothing for a file that is left out */
export function edgesBy(kinds: readonly Kind[], name: (file: string) => string | undefined): Map<string, Set<string>> {
	const edges = new Map<string, Set<string>>();
	for (const { from, to, kind } of arrows) {
		const [start, end] = [name(from), name(to)];
		if (kinds.includes(kind) && start !== undefined && end !== undefined && start !== end) {
			edges.set(start, (edges.get(start) ?? new Set()).add(end));
		}
	}
	return edges;
}

function arrowsOf(file: string): Arrow[] {
	const source = ts.createSourceFile(file, readIfThere(file)!, ts.ScriptTarget.Latest, true);
	const found: Arrow[] = [];
	const add = (text: string, kind: Kind) => {
		const to = placeOf(file, text);
		if (to !== undefined && to !== file) {
			found.push({ from: file, to, kind });
		} else if (kind === "import" && !text.startsWith(".")) {
			packagesOf.set(file, [...(packagesOf.get(file) ?? []), text]);
		}
	};
	const visit = (node: ts.Node): void => {
		if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
			add(node.moduleSpecifier.text, isErased(node) ? "type" : "import");
		} else if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
			add(node.moduleSpecifier.text, node.isTypeOnly ? "type" : "import");
		} else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
			add((node.argument.literal as ts.StringLiteral).text, "type");
		} else if (ts.isCallExpression(node) && isLoading(node) && ts.isStringLiteralLike(node.arguments[0]!)) {
			add(node.arguments[0].text, "import");
		} else if (ts.isNewExpression(node) && node.expression.getText() === "URL" && node.arguments?.[0]) {
			add(`./${startOf(node.arguments[0]) ?? ""}`, "path");
		} else if ((ts.isStringLiteralLike(node) && !isSpecifier(node)) || ts.isTemplateExpression(node)) {
			add(startOf(node)!, "path");
		}
		ts.forEachChild(node, visit);
	};
	visit(source);
	return found;
}

/** Whether a string says what is imported, which is an arrow already. */
function isSpecifier({ parent }: ts.Node): boolean {
	return (
		ts.isImportDeclaration(parent) ||
		ts.isExportDeclaration(parent) ||
		ts.isLiteralTypeNode(parent) ||
		(ts.isCallExpression(parent) && isLoading(parent)) ||
		(ts.isNewExpression(parent) && parent.expression.getText() === "URL")
	);
}

/** Whether nothing of an import is left at run time: `import type`, or nothing but `type` names. */
function isErased({ importClause }: ts.ImportDeclaration): boolean {
	if (!importClause) {
		return false;
	}
	const { namedBindings, name } = importClause;
	return (
		importClause.isTypeOnly ||
		(name === undefined &&
			namedBindings !== undefined &&
			ts.isNamedImports(namedBindings) &&
			namedBindings.elements.every(({ isTypeOnly }) => isTypeOnly))
	);
}

function isLoading({ expression, arguments: given }: ts.CallExpression): boolean {
	return given.length > 0 && (expression.kind === ts.SyntaxKind.ImportKeyword || expression.getText() === "require");
}

/** The text of a string, or of a template up to its first value. */
function startOf(node: ts.Node): string | undefined {
	return ts.isStringLiteralLike(node) ? node.text : ts.isTemplateExpression(node) ? node.head.text : undefined;
}

/** What a text leads to: relative to its file where it begins with a dot, otherwise from the root. */
function placeOf(file: string, text: string): string | undefined {
	if (!/^[\w./-]+$/.test(text) || !/[/.]/.test(text)) {
		return undefined;
	}
	const path = posix.normalize(text.startsWith(".") ? posix.join(posix.dirname(file), text) : text).replace(/\/$/, "");
	// A template may end within a name.
	return [path, posix.dirname(path)].find((place) => place.includes("/") && places.has(place));
}

function parents(file: string): string[] {
	const parent = posix.dirname(file);
	return parent === "." ? [] : [parent, ...parents(parent)];
}

/** Nothing for a file that is deleted and still in Git's index. */
function readIfThere(file: string): string | undefined {
	try {
		return readFileSync(`${root}${file}`, "utf8");
	} catch {
		return undefined;
	}
}
