/** Checks the members of an object that a person wrote, with a sentence for each mistake. */
import { closest } from "../../../src/config/formats/suggestions.ts";
import type { Problem } from "../../../src/config/read/problems.ts";

export interface Field {
	/** End of the sentence "it has to be ...". */
	meaning: string;
	accepts: (value: unknown) => boolean;
	/** Whether it may be left out. */
	optional?: true;
}

/** By name of the member. */
export type Form = Readonly<Record<string, Field>>;

/** @param path key of the value, the prefix of its members' keys */
export function formProblems(path: string, value: unknown, form: Form): Problem[] {
	if (!isObject(value)) {
		return [{ key: path, message: `is ${displayed(value)}; give an object with ${Object.keys(form).join(", ")}.` }];
	}
	const wrong = Object.entries(form).flatMap(([name, { meaning, accepts, optional }]): Problem[] => {
		const member = value[name];
		if (member === undefined ? optional : accepts(member)) {
			return [];
		}
		const found = member === undefined ? "missing" : displayed(member);
		return [{ key: `${path}.${name}`, message: `is ${found}; it has to be ${meaning}.` }];
	});
	return [...wrong, ...unknownKeys(path, value, Object.keys(form))];
}

export function unknownKeys(path: string, value: Record<string, unknown>, allowed: readonly string[]): Problem[] {
	return Object.keys(value)
		.filter((key) => !allowed.includes(key))
		.map((key) => ({
			key: `${path}.${key}`,
			message: `is not a setting${suggestion(key, allowed)}; allowed are ${allowed.join(", ")}.`,
		}));
}

/** A condition that only a text can meet. */
export function text(accepts: (value: string) => boolean): Field["accepts"] {
	return (value) => typeof value === "string" && accepts(value);
}

export function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value in a sentence. */
export function displayed(value: unknown): string {
	if (Array.isArray(value)) {
		return value.length === 0 ? "an empty list" : "a list";
	}
	return isObject(value) ? "an object" : JSON.stringify(value);
}

/** The nearest candidate in parentheses; empty where none is near. */
export function suggestion(name: unknown, candidates: readonly string[]): string {
	const meant = closest(String(name), candidates);
	return meant && meant !== name ? ` (did you mean ${meant}?)` : "";
}
