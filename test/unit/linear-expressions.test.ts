/**
 * The time of every regular expression of the program and of the policies grows linearly with the length of the text, so
 * that no stack file, policy configuration or manifest can hang a preview.
 */
import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import {
	createSourceFile,
	forEachChild,
	isArrowFunction,
	isCallExpression,
	isFunctionLike,
	isIdentifier,
	isNewExpression,
	type Node,
	ScriptTarget,
	SyntaxKind,
} from "typescript";
import { describe, expect, test } from "vitest";
import { hasPlaceholder, patternOf } from "../../policies/lib/record/formats.ts";
import { stackFileSchema } from "../../src/reference/stack-file.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));

interface Expression {
	pattern: RegExp;
	/** File with the line, or the owner of the expression. */
	place: string;
}

const files = ["src", "components", "policies"].flatMap((folder) =>
	readdirSync(join(project, folder), { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
		.map((name) => `${folder}/${name}`),
);

interface Found {
	literals: Expression[];
	/** Files that create an expression when they are loaded. */
	loaded: string[];
	/** Places that create an expression in each call. */
	called: string[];
}

function expressionsIn(file: string): Found {
	const source = createSourceFile(file, readFileSync(join(project, file), "utf8"), ScriptTarget.ES2024, true);
	const found: Found = { literals: [], loaded: [], called: [] };
	const placeOf = (node: Node) => `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
	const visit = (node: Node, called: boolean): void => {
		if (node.kind === SyntaxKind.RegularExpressionLiteral) {
			const [, body = "", flags = ""] = /^\/([\s\S]*)\/([a-z]*)$/.exec(node.getText()) ?? [];
			found.literals.push({ pattern: new RegExp(body, flags), place: placeOf(node) });
		}
		if (isNewExpression(node) && isIdentifier(node.expression) && node.expression.text === "RegExp") {
			if (called) {
				found.called.push(placeOf(node));
			} else {
				found.loaded.push(file);
			}
		}
		forEachChild(node, (child) => visit(child, called || (isFunctionLike(node) && !isCallback(node))));
	};
	visit(source, false);
	return found;
}

/** Whether a function runs when the file is loaded, because it is an argument of a call outside every other function. */
function isCallback(node: Node): boolean {
	return isArrowFunction(node) && isCallExpression(node.parent);
}

const found = files.map(expressionsIn);

/** Expressions that the files create when they are loaded, recorded at the constructor. */
async function loadedExpressions(): Promise<Expression[]> {
	const made: Expression[] = [];
	const original = globalThis.RegExp;
	for (const file of new Set(found.flatMap(({ loaded }) => loaded))) {
		globalThis.RegExp = new Proxy(original, {
			construct(target, args, newTarget) {
				const pattern = Reflect.construct(target, args, newTarget) as RegExp;
				// Not those of packages that the file loads.
				if (new Error().stack?.split("\n")[2]?.includes(join(project, file)) ?? false) {
					made.push({ pattern, place: file });
				}
				return pattern;
			},
		});
		try {
			await import(join(project, file));
		} finally {
			globalThis.RegExp = original;
		}
	}
	return made;
}

/** Expressions of the schema, including those of zod. */
function schemaExpressions(): Expression[] {
	const made: Expression[] = [];
	JSON.stringify(stackFileSchema("rke2-lab"), (key, value: unknown) => {
		if (key === "pattern" && typeof value === "string") {
			made.push({ pattern: new RegExp(value), place: "the schema" });
		}
		return value;
	});
	return made;
}

const separators = [..." \t\n.,;:-_+*/\\|&%$#@!?^~=<>()[]{}\"'`"];
const characters = ["a", "F", "0", "é", "\u{1F600}", ...separators];
const pumps = [...characters, ...separators.map((separator) => `a${separator}`)];

/** Texts that reach each part of the expression. */
function beginnings({ pattern }: Expression): string[] {
	// The generator supports neither assertions nor flags, and does not end for a negated class of most characters. A text
	// need not match to reach a part of the expression.
	const plain = pattern.source.replace(/\[\^(?:\\.|[^\]\\])*\]/g, ".");
	const source = plain.replace(/\\[bB]|\(\?<?[=!][^()]*(?:\([^()]*\)[^()]*)*\)/g, "");
	const samples = fc.sample(fc.stringMatching(new RegExp(source)), { numRuns: 2, seed: 1 });
	const cuts = samples.flatMap((sample) => {
		const steps = Math.min(sample.length, 8);
		return Array.from({ length: steps + 1 }, (_, index) =>
			sample.slice(0, Math.round((index * sample.length) / Math.max(steps, 1))),
		);
	});
	return [...new Set(["", ...cuts])];
}

/** Milliseconds of one search, the fastest of several. */
function time({ pattern }: Expression, text: string, runs: number): number {
	let fastest = Number.POSITIVE_INFINITY;
	for (let run = 0; run < runs; run++) {
		pattern.lastIndex = 0;
		const start = performance.now();
		pattern.test(text);
		fastest = Math.min(fastest, performance.now() - start);
	}
	return fastest;
}

const length = 10_000;
/** A shorter time is noise. A search of quadratic growth takes several milliseconds at a quarter of the length. */
const measurable = 0.3;
const attempts = 8;

/** @returns how the time grows, when it grows faster than the length */
function growth(expression: Expression, beginning: string, pump: string): string | undefined {
	const text = (size: number) => `${beginning}${pump.repeat(Math.ceil(size / pump.length))}\u0000`;
	for (const size of [24, 32, 400]) {
		if (time(expression, text(size), 1) > 50 && time(expression, text(size), attempts) > 50) {
			return `more than 50 ms for ${size} characters`;
		}
	}
	const quarter = time(expression, text(length / 4), 1);
	if (quarter < measurable) {
		return undefined;
	}
	// Linear growth gives 4, quadratic growth 16. Other work on the machine may lengthen each of a few searches, but not all attempts.
	let ratio = Number.POSITIVE_INFINITY;
	for (let attempt = 0; attempt < attempts && ratio > 8; attempt++) {
		ratio = Math.min(ratio, time(expression, text(length), 4) / time(expression, text(length / 4), 4));
	}
	return ratio > 8 ? `${ratio.toFixed(1)} times the time for 4 times the length` : undefined;
}

/** Expressions of the templates in the record of what the program declares. */
function recordedExpressions(): Expression[] {
	const folder = join(project, "policies/record");
	const templates = globSync("**/*.json", { cwd: folder }).flatMap((name) => {
		const texts: string[] = [];
		JSON.parse(readFileSync(join(folder, name), "utf8"), (key, value: unknown) => {
			texts.push(key, ...(typeof value === "string" ? [value] : []));
			return value;
		});
		return texts.filter(hasPlaceholder).map((text) => ({ pattern: patternOf(text), place: name }));
	});
	expect(templates.length).toBeGreaterThan(100);
	return templates;
}

test("no function creates a regular expression from a variable, which this test could not try", () => {
	// `patternOf` takes templates of the record, and this test tries all of them.
	const tried = /^policies\/lib\/record\/formats\.ts:/;
	expect(found.flatMap(({ called }) => called).filter((place) => !tried.test(place))).toEqual([]);
});

const all = [
	...found.flatMap(({ literals }) => literals),
	...(await loadedExpressions()),
	...schemaExpressions(),
	...recordedExpressions(),
];

describe("the time of a search grows linearly with the length of the text", () => {
	test("the test finds every regular expression", () => {
		expect(all.length).toBeGreaterThan(200);
	});

	const different = new Map(all.map((expression) => [`${expression.pattern}`, expression]));
	test.each([...different])("%s", (_, expression) => {
		for (const beginning of beginnings(expression)) {
			for (const pump of pumps) {
				const grows = growth(expression, beginning, pump);
				expect(
					grows,
					`${expression.place} after ${JSON.stringify(beginning)}, with ${JSON.stringify(pump)} again and again`,
				).toBe(undefined);
			}
		}
	});
});
