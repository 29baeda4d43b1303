/** One change of one resource of a stack, made by a generator. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import type { Resource } from "../../policies/lib/rules/resource.ts";

export const changeKinds = [
	"removed",
	"another value",
	"foreign value",
	"boundary",
	"unknown",
	"secret",
	"added",
	"line removed",
	"line doubled",
	"line changed",
	"line added",
	"copied",
	"resource added",
] as const;
export type ChangeKind = (typeof changeKinds)[number];

export interface Mutant {
	/** The stack file. */
	stack: string;
	type: string;
	/** Name of the changed or the added resource. */
	resource: string;
	/** Members from the resource's root, e.g. `spec.ports[].port`; for a line of a file, the step, the file and the key of the line. */
	place: string;
	kind: ChangeKind;
	/** The same for two mutants of resources with one recorded shape, whose verdict is the same. */
	key: string;
	/** The resource after the change. */
	make(): Resource;
	/** The resource before the change; none where the resource stands beside the others. */
	original: Resource | undefined;
}

/** A place in a value, with one name for all elements of a list. */
export function placeOf(path: readonly string[]): string {
	return path.reduce((place, member) => {
		if (/^\d+$/.test(member)) {
			return `${place}[]`;
		}
		const name = /^[\w-]+$/.test(member) ? member : `"${member}"`;
		return place === "" ? name : `${place}.${name}`;
	}, "");
}

/** A value of an arbitrary that depends on the seed and on nothing but the text. */
export function valueFor<Value>(arbitrary: fc.Arbitrary<Value>, seed: number, text: string): Value {
	const own = [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, seed);
	return fc.sample(arbitrary, { seed: own, numRuns: 1 })[0]!;
}

/** A short text for a value. */
export function digestOf(value: unknown): string {
	const text = JSON.stringify(value) ?? "";
	return text.length < 64 ? text : createHash("sha256").update(text).digest("base64");
}
