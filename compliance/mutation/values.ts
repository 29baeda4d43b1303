/** Other values for a value. */
import { unknownValue } from "@pulumi/pulumi/runtime/rpc.js";
import fc from "fast-check";
import { isObject } from "../../policies/lib/reading/form.ts";
import { previewSecrets } from "../evaluation/preview.ts";
import { type ChangeKind, valueFor } from "./mutant.ts";

/** A value to put in the place of another one. */
export interface Replacement {
	kind: ChangeKind;
	/** Made when it is asked for: a sample needs few of them. */
	value: () => unknown;
}

/** Words that fit nowhere by accident, some with what a shell, YAML, a path or a template reads in its own way. */
const words = [
	...["mallory", "Mallory", "x", "true", "null", "0", "-1", "*", "cluster-admin", "system:masters", "kube-system"],
	...["latest", "http://mallory.example/", "https://mallory.example/", "mallory.example/app:1.0.0", "203.0.113.9"],
	...["0.0.0.0/0", "::/0", "169.254.169.254", "127.0.0.1", "10.25.20.4", "$(id)", "`id`", "a b", "a,b", "a=b", "a\nb"],
	...["../../etc/shadow", "/", "/dev/sda", "{{ .Values.x }}", "<text>", "0666", "privileged", "Unconfined"],
];

/** The token that opens the cluster. */
const secret = previewSecrets.clusterToken;

/**
 * @param text decides, with the seed, about values at random
 * @returns another value of the same form, one from elsewhere, values at the edge of the type, a credential, and the SDK's mark of a
 * value that is not known before an update
 */
export function replacementsOf(value: unknown, seed: number, text: string): Replacement[] {
	return [
		{ kind: "unknown", value: () => unknownValue },
		...othersOf(value, seed, text),
		...boundariesOf(value).map((boundary): Replacement => ({ kind: "boundary", value: () => boundary })),
	];
}

function othersOf(value: unknown, seed: number, text: string): Replacement[] {
	switch (typeof value) {
		case "boolean":
			return [{ kind: "another value", value: () => !value }];
		case "number":
			return [{ kind: "another value", value: () => valueFor(fc.integer({ min: 1, max: 70_000 }), seed, text) }];
		case "string":
			return [
				{ kind: "another value", value: () => valueFor(alike(value), seed, text) },
				{ kind: "foreign value", value: () => valueFor(fc.constantFrom(...words), seed, text) },
				{ kind: "secret", value: () => secret },
			];
		default:
			return [{ kind: "foreign value", value: () => (Array.isArray(value) ? { added: "added" } : ["added"]) }];
	}
}

function boundariesOf(value: unknown): unknown[] {
	switch (typeof value) {
		case "boolean":
			return [String(value), null];
		case "number":
			return [0, -1, 2 ** 31, value + 0.5, String(value)];
		case "string":
			return ["", " ", "x".repeat(300), `${value} `, `${value}\n`];
		default:
			return [Array.isArray(value) ? [] : {}];
	}
}

const letters = [..."abcdefghijklmnopqrstuvwxyz"];

/** A text of the same form: each run of digits or letters may become another one. */
function alike(text: string): fc.Arbitrary<string> {
	const runs = text.slice(0, 200).match(/\d+|[a-z]+|[A-Z]+|[^\da-zA-Z]+/g) ?? ["x"];
	const places = runs.flatMap((run, index) => (/[\da-zA-Z]/.test(run) ? [index] : []));
	if (places.length === 0) {
		return fc.constant(`${text}x`);
	}
	return fc
		.tuple(
			fc.constantFrom(...places),
			fc.integer({ min: 1, max: 9 }),
			fc.array(fc.constantFrom(...letters), { minLength: 3, maxLength: 8 }),
		)
		.map(([place, shift, word]) => {
			const changed = runs.map((run, index) => {
				if (index !== place) {
					return run;
				}
				const upper = /[A-Z]/.test(run);
				return /\d/.test(run) ? shifted(run, shift) : upper ? word.join("").toUpperCase() : word.join("");
			});
			return `${changed.join("")}${text.slice(200)}`;
		});
}

/** Another number with as many digits. */
function shifted(digits: string, by: number): string {
	const last = (Number(digits.at(-1)) + by) % 10;
	return `${digits.slice(0, -1)}${last}`;
}

export function isContainer(value: unknown): value is Record<string, unknown> | unknown[] {
	return Array.isArray(value) || isObject(value);
}
