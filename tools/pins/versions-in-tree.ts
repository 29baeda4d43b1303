/** Finds every exact version in the files of the tree. */
import { readFileSync } from "node:fs";
import ts from "typescript";

export interface VersionInTree {
	file: string;
	line: number;
	version: string;
}

/**
 * Files without pins: tests, the controls of the benchmark (their numbers look like versions), text for people, and
 * generated files.
 */
const ignored =
	/^(test|policies|compliance|docs)\/|\.md$|^package-lock\.json$|package\/share|kwok-stages\.yaml$|\.schema\.json$/;
/** In files other than code a version may be anywhere. */
const configuration = /\.(ya?ml|json|mod|sh|cjs)$/;

const version = /v?\d+\.\d+\.\d+(?:[-+][\w.+-]+)?/;
const whole = new RegExp(`^${version.source}$`);
/** A version of a module, an action or an image, after an at sign, a space or a colon. */
const withinText = /(?:@| |[\w-]+\/[\w./-]+:)(v?\d+\.\d+\.\d+[\w.+-]*)(?![\w.]*")/g;
const anywhere = new RegExp(`(?<![\\w.])${version.source}(?![\\w.])`, "g");

/** @param files relative to the root of the tree, which is the working directory */
export function versionsInTree(files: readonly string[]): VersionInTree[] {
	return files.filter((file) => !ignored.test(file)).flatMap((file) => [...found(file)]);
}

function found(file: string): VersionInTree[] {
	if (file.endsWith(".ts")) {
		return inCode(file);
	}
	if (!configuration.test(file)) {
		return [];
	}
	return readFileSync(file, "utf8")
		.split("\n")
		.flatMap((text, index) =>
			// Comments have no pins, except the tag of an action beside its commit.
			[...text.replace(/(^|\s)(#|\/\/)(?! v\d).*$/, "").matchAll(anywhere)].map(([match]) => ({
				file,
				line: index + 1,
				version: match,
			})),
		);
}

/** In string literals: the whole literal, or the version of a module or an image. Sentences may name an example. */
function inCode(file: string): VersionInTree[] {
	const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
	const versions: VersionInTree[] = [];
	const visit = (node: ts.Node): void => {
		if (ts.isStringLiteralLike(node)) {
			const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
			for (const version of literal(node.text)) {
				versions.push({ file, line, version });
			}
		}
		ts.forEachChild(node, visit);
	};
	visit(source);
	return versions;
}

function literal(text: string): string[] {
	if (whole.test(text)) {
		return [text];
	}
	// A sentence may have an example.
	return /[a-z] [a-z]/.test(text) ? [] : [...text.matchAll(withinText)].map(([, match = ""]) => match);
}
