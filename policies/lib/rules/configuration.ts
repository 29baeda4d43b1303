/**
 * The mistakes of a policy configuration. Pulumi refuses a level that does not exist, and an exception with an unknown key or without
 * a reason or an end. It ignores an unknown policy name and a misspelt setting, and the policy runs without that setting.
 */
import type { Problem } from "../../../src/config/read/problems.ts";
import { controlsOf } from "../../benchmark/index.ts";
import { displayed, formProblems, isObject, suggestion, unknownKeys } from "../reading/form.ts";
import { currentDay, exceptionForm, subjectOf } from "./exceptions.ts";
import type { Rule } from "./rule.ts";
import type { RuleConfig } from "./violation.ts";

const levels = ["advisory", "mandatory", "remediate", "disabled"];
const unchanging = levels.filter((level) => level !== "remediate");

/** Keys that Pulumi reads beside the names of policies: a level for every policy, and environments of its own service. */
const everyPolicy = "all";
const environments = "environments";

const settings = ["enforcementLevel", "exceptions", "profileLevel"];

/**
 * @param config as Pulumi reads it from a file: by policy a level, or an object with one
 * @param others policies of the pack that are not rules: they have a level, and no other setting
 * @param today as `YYYY-MM-DD`
 * @returns every mistake, each by its key
 */
export function configurationProblems(
	config: unknown,
	rules: readonly Rule[],
	others: readonly string[] = [],
	today = currentDay(),
): Problem[] {
	if (!isObject(config)) {
		return [
			{ key: "the configuration", message: `is ${displayed(config)}; give an object with a member for each policy.` },
		];
	}
	const names = [...rules.map(({ name }) => name), ...others, everyPolicy];
	const problems = Object.entries(config).flatMap(([name, value]): Problem[] => {
		if (name === environments) {
			return [];
		}
		if (!names.includes(name)) {
			return [{ key: name, message: `is not a policy of the pack${suggestion(name, names)}.` }];
		}
		if (typeof value !== "string" && !isObject(value)) {
			return [
				{ key: name, message: `is ${displayed(value)}; give one of ${levels.join(", ")}, or an object with it.` },
			];
		}
		const rule = rules.find((candidate) => candidate.name === name);
		const remediates = name === everyPolicy || (rule !== undefined && "remedies" in rule);
		return typeof value === "string"
			? levelProblems(name, value, remediates)
			: [
					...levelProblems(`${name}.enforcementLevel`, value.enforcementLevel, remediates),
					...unknownKeys(name, value, rule ? settings : settings.slice(0, 1)),
					...(rule ? exceptionProblems(`${name}.exceptions`, value.exceptions, rule, today) : []),
					...(rule ? profileLevelProblems(`${name}.profileLevel`, value.profileLevel, rule) : []),
				];
	});
	const off = levelIn(config[everyPolicy]) === "disabled";
	return off && !rules.some(({ name }) => isOn(levelIn(config[name])))
		? [
				...problems,
				{ key: everyPolicy, message: 'is "disabled", and no policy is switched on: no rule would be evaluated.' },
			]
		: problems;
}

function levelIn(value: unknown): unknown {
	return isObject(value) ? value.enforcementLevel : value;
}

function isOn(level: unknown): boolean {
	return level !== undefined && level !== "disabled";
}

/** Exceptions whose last day has passed, of a configuration without mistakes. */
export function expiredExceptions(config: object, today: string): Problem[] {
	return Object.entries(config).flatMap(([name, value]: [string, string | RuleConfig]) =>
		(typeof value === "string" ? [] : (value.exceptions ?? [])).flatMap((exception, index) =>
			exception.expires < today
				? [
						{
							key: `${name}.exceptions[${index}]`,
							message: `expired on ${exception.expires}; correct ${subjectOf(exception)}, or renew the exception.`,
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
	const reason = level === "remediate" ? ", but the policy cannot correct anything" : "";
	return [
		{
			key,
			message: `is ${displayed(level)}${reason}; allowed are ${allowed.join(", ")}${suggestion(level, allowed)}.`,
		},
	];
}

/** A profile level that leaves out no control, or all of them, is a mistake. */
function profileLevelProblems(key: string, level: unknown, rule: Rule): Problem[] {
	if (level === undefined) {
		return [];
	}
	if (level !== 1) {
		return [{ key, message: `is ${displayed(level)}; the only allowed value is 1.` }];
	}
	const levels = new Set(controlsOf(rule).map((control) => control.level));
	return levels.size === 2
		? []
		: [{ key, message: "is 1, but the policy decides no controls of both levels; remove it." }];
}

function exceptionProblems(key: string, exceptions: unknown, rule: Rule, today: string): Problem[] {
	if (exceptions === undefined) {
		return [];
	}
	if (!Array.isArray(exceptions)) {
		return [{ key, message: `is ${displayed(exceptions)}; give a list.` }];
	}
	const form = exceptionForm(
		controlsOf(rule).map(({ id }) => id),
		today,
		rule.settings,
	);
	return [
		...exceptions.flatMap((exception: unknown, index) => formProblems(`${key}[${index}]`, exception, form)),
		...aimlessExceptions(key, exceptions),
		...repeatedExceptions(key, exceptions),
	];
}

/** A role alone would cover half of the machines. */
function aimlessExceptions(key: string, exceptions: readonly unknown[]): Problem[] {
	return exceptions.flatMap((exception, index) =>
		isObject(exception) && exception.resource === undefined && exception.setting === undefined
			? [{ key: `${key}[${index}]`, message: "names neither a resource nor a setting; give one of them." }]
			: [],
	);
}

/** Of two exceptions for the same subject only the one with the later end has an effect. */
function repeatedExceptions(key: string, exceptions: readonly unknown[]): Problem[] {
	const subjects = exceptions.map((exception) =>
		isObject(exception)
			? [exception.resource, exception.role, exception.setting, exception.control].join(" ")
			: undefined,
	);
	return subjects.flatMap((subject, index) => {
		const first = subjects.indexOf(subject);
		return subject === undefined || first === index
			? []
			: [{ key: `${key}[${index}]`, message: `has the same subject as ${key}[${first}]; keep one of them.` }];
	});
}
