/** Every exact version that the files of the tree have, whoever wrote it there. */
import { readFileSync } from "node:fs";
import ts from "typescript";

export interface VersionInTree {
	file: string;
	line: number;
	version: string;
}

/**
 * Not those of tests, of the benchmark's controls, which have numbers of the same form, of text for people, and of what is
 * made from other files.
 */
const left =
	/^(test|policies|compliance|docs)\/|\.md$|^package-lock\.json$|package\/share|kwok-stages\.yaml$|\.schema\.json$/;
/** In all else but code a version may stand anywhere. */
const configuration = /\.(ya?ml|json|mod|sh|cjs)$/;

const version = /v?\d+\.\d+\.\d+(?:[-+][\w.+-]+)?/;
const whole = new RegExp(`^${version.source}$`);
/** Of a module, an action or an image: behind an at sign, a blank or a colon. */
const inside = /(?:@| |[\w-]+\/[\w./-]+:)(v?\d+\.\d+\.\d+[\w.+-]*)(?![\w.]*")/g;
const anywhere = new RegExp(`(?<![\\w.])${version.source}(?![\\w.])`, "g");

/** @param files relative to the root of the tree, where the process is */
export function versionsInTree(files: readonly string[]): VersionInTree[] {
	return files.filter((file) => !left.test(file)).flatMap((file) => [...found(file)]);
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
			// A comment says why; but the tag of an action stands in one, beside its commit.
			[...text.replace(/(^|\s)(#|\/\/)(?! v\d).*$/, "").matchAll(anywhere)].map(([match]) => ({
				file,
				line: index + 1,
				version: match,
			})),
		);
}

/** In literals: as the whole of one, or as that of a module or an image. What a person reads may name an example. */
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
	// A sentence: an example, or words of an error.
	return /[a-z] [a-z]/.test(text) ? [] : [...text.matchAll(inside)].map(([, match = ""]) => match);
}
