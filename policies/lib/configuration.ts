/**
 * What is wrong with a policy configuration. Pulumi refuses a level that does not exist and an incomplete exception; a
 * policy name that the pack does not have and a misspelt key it ignores, and the policy runs as if nothing had been said.
 */
import type { Problem } from "../../src/config/problems.ts";
import type { Exception, RuleConfig } from "./exceptions.ts";
import { nearest } from "./nearest.ts";
import type { Rule } from "./rule.ts";

const levels = ["advisory", "mandatory", "remediate", "disabled"];
const unchanging = levels.filter((level) => level !== "remediate");

/** What Pulumi reads beside the names of policies: a level for every policy, and environments of its own service. */
const everyPolicy = "all";
const environments = "environments";

const settings = ["enforcementLevel", "exceptions"];

interface Field {
	meaning: string;
	accepts: (value: string) => boolean;
}

const exceptionFields: Record<keyof Exception, Field> = {
	resource: {
		meaning: "the name of a resource, or `Kind namespace/name` of an object",
		accepts: (value) => value.trim() !== "",
	},
	reason: {
		meaning: "why the violation is acceptable, in 10 letters or more",
		accepts: (value) => value.trim().length >= 10,
	},
	expires: { meaning: "the last day of the exception, as YYYY-MM-DD", accepts: isDay },
};

/**
 * @param config as Pulumi reads it from a file: by policy a level, or an object with one
 * @param others policies of the pack that are no rules: they have a level, and nothing else
 * @returns every mistake, each by its key
 */
export function configurationProblems(
	config: unknown,
	rules: readonly Rule[],
	others: readonly string[] = [],
): Problem[] {
	if (!isObject(config)) {
		return [
			{ key: "the configuration", message: `is ${shown(config)}; give an object with a member for each policy.` },
		];
	}
	const names = [...rules.map(({ name }) => name), ...others, everyPolicy];
	return Object.entries(config).flatMap(([name, value]): Problem[] => {
		if (name === environments) {
			return [];
		}
		if (!names.includes(name)) {
			return [{ key: name, message: `is no policy of the pack${suggestion(name, names)}.` }];
		}
		if (typeof value !== "string" && !isObject(value)) {
			return [{ key: name, message: `is ${shown(value)}; give one of ${levels.join(", ")}, or an object with it.` }];
		}
		const rule = rules.find((candidate) => candidate.name === name);
		const remediates = name === everyPolicy || (rule !== undefined && "remedies" in rule);
		return typeof value === "string"
			? levelProblems(name, value, remediates)
			: [
					...levelProblems(`${name}.enforcementLevel`, value.enforcementLevel, remediates),
					...unknownKeys(name, value, rule ? settings : settings.slice(0, 1)),
					...(rule ? exceptionProblems(`${name}.exceptions`, value.exceptions) : []),
				];
	});
}

/** Exceptions whose last day has passed, of a configuration without mistakes. */
export function expiredExceptions(config: object, today: string): Problem[] {
	return Object.entries(config).flatMap(([name, value]: [string, string | RuleConfig]) =>
		(typeof value === "string" ? [] : (value.exceptions ?? [])).flatMap(({ resource, expires }, index) =>
			expires < today
				? [
						{
							key: `${name}.exceptions[${index}]`,
							message: `expired on ${expires}; correct ${resource}, or renew the exception.`,
						},
					]
				: [],
		),
	);
}

function levelProblems(key: string, level: unknown, remediates: boolean): Problem[] {
	const allowed = remediates ? levels : unchanging;
	if (level === undefined || allowed.includes(level as string)) {
		return [];
	}
	const reason = level === "remediate" ? ", but the policy has nothing that it could change" : "";
	return [
		{ key, message: `is ${shown(level)}${reason}; allowed are ${allowed.join(", ")}${suggestion(level, allowed)}.` },
	];
}

function exceptionProblems(key: string, exceptions: unknown): Problem[] {
	if (exceptions === undefined) {
		return [];
	}
	if (!Array.isArray(exceptions)) {
		return [{ key, message: `is ${shown(exceptions)}; give a list.` }];
	}
	return exceptions.flatMap((exception: unknown, index) => {
		const path = `${key}[${index}]`;
		if (!isObject(exception)) {
			return [{ key: path, message: `is ${shown(exception)}; give an object with ${names(exceptionFields)}.` }];
		}
		const wrong = Object.entries(exceptionFields).flatMap(([field, { meaning, accepts }]): Problem[] => {
			const value = exception[field];
			if (typeof value === "string" && accepts(value)) {
				return [];
			}
			const found = value === undefined ? "missing" : shown(value);
			return [{ key: `${path}.${field}`, message: `is ${found}; it has to be ${meaning}.` }];
		});
		return [...wrong, ...unknownKeys(path, exception, Object.keys(exceptionFields))];
	});
}

function unknownKeys(path: string, value: Record<string, unknown>, allowed: readonly string[]): Problem[] {
	return Object.keys(value)
		.filter((key) => !allowed.includes(key))
		.map((key) => ({
			key: `${path}.${key}`,
			message: `is no setting${suggestion(key, allowed)}; allowed are ${allowed.join(", ")}.`,
		}));
}

/** Days of the calendar only: what never comes would never expire as written. */
function isDay(text: string): boolean {
	const date = new Date(`${text}T00:00:00Z`);
	return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
	return Array.isArray(value) ? "a list" : isObject(value) ? "an object" : JSON.stringify(value);
}

function names(fields: object): string {
	return Object.keys(fields).join(", ");
}

function suggestion(name: unknown, candidates: readonly string[]): string {
	const meant = nearest(String(name), candidates);
	return meant && meant !== name ? ` (did you mean ${meant}?)` : "";
}
