/**
 * Every regular expression of the program and of the policies takes a time that grows with the length of the text and no
 * faster: a stack file, a policy configuration or a manifest must not be able to hang a preview.
 */
import { readdirSync, readFileSync } from "node:fs";
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
import { stackFileSchema } from "../../src/reference/stack-file.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));

interface Expression {
	pattern: RegExp;
	/** File with the line, or what the expression belongs to. */
	place: string;
}

const files = ["src", "components", "policies"].flatMap((folder) =>
	readdirSync(join(project, folder), { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
		.map((name) => `${folder}/${name}`),
);

interface Found {
	literals: Expression[];
	/** Files that make an expression when they are loaded. */
	loaded: string[];
	/** Places that make one each time they are called. */
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

/** What is handed to a call at once: outside every other function it runs when the file is loaded. */
function isCallback(node: Node): boolean {
	return isArrowFunction(node) && isCallExpression(node.parent);
}

const found = files.map(expressionsIn);

/** Those that the files make when they are loaded, as the constructor sees them. */
async function loadedExpressions(): Promise<Expression[]> {
	const made: Expression[] = [];
	const original = globalThis.RegExp;
	for (const file of new Set(found.flatMap(({ loaded }) => loaded))) {
		globalThis.RegExp = new Proxy(original, {
			construct(target, words, newTarget) {
				const pattern = Reflect.construct(target, words, newTarget) as RegExp;
				// Packages that the file loads make some of their own.
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

/** Those of the schema, zod's own among them. */
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

/** Texts that lead into each part of the expression. */
function beginnings({ pattern }: Expression): string[] {
	// The generator knows neither assertions nor flags, and it seeks for ever what a class leaves out where that is most of
	// what it knows. What it makes need not match to lead somewhere.
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
/** Below it a time says nothing. A search that grows with the square needs several at a quarter of the length. */
const audible = 0.3;

/** @returns how the time grows, where that is faster than the length */
function growth(expression: Expression, beginning: string, pump: string): string | undefined {
	const text = (size: number) => `${beginning}${pump.repeat(Math.ceil(size / pump.length))}\u0000`;
	for (const size of [24, 32, 400]) {
		if (time(expression, text(size), 1) > 50 && time(expression, text(size), 2) > 50) {
			return `more than 50 ms for ${size} characters`;
		}
	}
	const quarter = time(expression, text(length / 4), 1);
	if (quarter < audible) {
		return undefined;
	}
	// Linear is 4, the square is 16.
	const ratio = time(expression, text(length), 4) / time(expression, text(length / 4), 4);
	return ratio > 8 ? `${ratio.toFixed(1)} times the time for 4 times the length` : undefined;
}

test("no function creates a regular expression from a variable, which this test could not try", () => {
	expect(found.flatMap(({ called }) => called)).toEqual([]);
});

const all = [...found.flatMap(({ literals }) => literals), ...(await loadedExpressions()), ...schemaExpressions()];

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
