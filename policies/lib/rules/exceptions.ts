/** Violations that somebody has decided to live with for a while. They are part of a policy's configuration. */
import type { PolicyConfigSchema } from "@pulumi/policy";
import { matchesWildcard } from "../../../src/config/formats/wildcard.ts";
import { type Field, text } from "../reading/form.ts";
import { type MachineRole, machineRoles } from "../vm/machines.ts";
import type { Violation } from "./review.ts";

/** For what has all that it names: a resource or a setting at least. */
export interface Exception {
	/** Name of a resource, or `Kind namespace/name` of a Kubernetes object; `*` stands for any characters. */
	resource?: string;
	/** Role of the machine. */
	role?: MachineRole;
	/** Key of the stack file that is the cause, whatever the names in it are. */
	setting?: string;
	/** Id of the one control that may be broken, where the rule decides several; left out, it is any of them. */
	control?: string;
	/** Why the violation is acceptable. */
	reason: string;
	/** The last day on which it is, as `YYYY-MM-DD`. */
	expires: string;
}

/** What a policy configuration may say about a rule beside its enforcement level. */
export interface RuleConfig {
	exceptions?: Exception[];
	/** The highest profile level of the benchmark whose controls count; left out, all do. */
	profileLevel?: 1;
}

/** A pattern with less in it is for half of what there is. */
const leastLiteral = 4;

/** Longer than this nobody decides ahead. */
const longestYears = 2;

/**
 * What an exception has to say, wherever one is written.
 *
 * @param decided ids of the controls that its policy decides
 * @param today as `YYYY-MM-DD`
 * @param settings keys of the stack file that its policy names as causes
 */
export function exceptionForm(decided: readonly string[], today: string, settings: readonly string[] = []) {
	return {
		resource: {
			meaning: `the name of a resource, or \`Kind namespace/name\` of an object, with ${leastLiteral} letters or more beside *`,
			accepts: text((value) => value.replace(/[*\s]/g, "").length >= leastLiteral),
			optional: true,
		},
		role: {
			meaning: `the role of a machine: ${machineRoles.join(" or ")}`,
			accepts: text((value) => machineRoles.some((role) => role === value)),
			optional: true,
		},
		setting: {
			meaning: `a key of the stack file that the policy names: ${settings.join(", ") || "none"}`,
			accepts: text((value) => settings.includes(value)),
			optional: true,
		},
		control: {
			meaning: `a control that the policy decides: ${decided.join(", ") || "none"}`,
			accepts: text((value) => decided.includes(value)),
			optional: true,
		},
		reason: {
			meaning: "why the violation is acceptable, in one line of 10 letters or more",
			accepts: text((value) => value.trim().length >= 10 && !/[\r\n]/.test(value)),
		},
		expires: {
			meaning: `the last day of the exception, as YYYY-MM-DD, no more than ${longestYears} years ahead`,
			accepts: text((value) => isDay(value) && value <= yearsAfter(today)),
		},
	} satisfies Record<keyof Exception, Field>;
}

/** What Pulumi itself refuses before anything is judged; configuration.ts finds the rest. */
export const configSchema: PolicyConfigSchema = {
	properties: {
		profileLevel: { type: "integer" },
		exceptions: {
			type: "array",
			items: {
				type: "object",
				additionalProperties: false,
				required: ["reason", "expires"],
				properties: Object.fromEntries(
					Object.keys(exceptionForm([], currentDay())).map((field) => [field, { type: "string", minLength: 1 }]),
				),
			},
		},
	},
};

/** Days of the calendar only: what never comes would never expire as written. */
function isDay(day: string): boolean {
	const date = new Date(`${day}T00:00:00Z`);
	return /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

function yearsAfter(today: string): string {
	return `${Number(today.slice(0, 4)) + longestYears}${today.slice(4)}`;
}

/** What a rule found, sorted by what its exceptions say about it. */
export interface Verdict {
	/** What stands: found without an exception, or with one that has expired. */
	violations: Violation[];
	/** What an exception covers today. */
	accepted: { violation: Violation; exception: Exception }[];
	/** What breaks only controls above the profile level, where the configuration names one. */
	leftOut?: Violation[];
}

/** @param today as `YYYY-MM-DD` */
export function applyExceptions(found: readonly Violation[], exceptions: readonly Exception[], today: string): Verdict {
	const verdict: Verdict = { violations: [], accepted: [] };
	for (const violation of found) {
		const matching = exceptions.filter(
			(exception) =>
				covers(exception, violation) && (exception.control === undefined || exception.control === violation.control),
		);
		const valid = matching.find(({ expires }) => expires >= today);
		if (valid) {
			verdict.accepted.push({ violation, exception: valid });
		} else {
			const [expired] = matching;
			const message = expired
				? `${violation.message} Its exception for ${subjectOf(expired)} expired on ${expired.expires}; correct it or renew the exception.`
				: violation.message;
			verdict.violations.push({ ...violation, message });
		}
	}
	return verdict;
}

/** Whether an exception covers the subject today. */
export function isAccepted(subject: string, exceptions: readonly Exception[], today: string): boolean {
	return exceptions.some((exception) => covers(exception, { subject }) && exception.expires >= today);
}

/** What an exception is for, in a sentence. */
export function subjectOf({ resource, role, setting }: Exception): string {
	return [resource, role && `each ${role}`, setting && `the setting ${setting}`].filter(Boolean).join(" with ");
}

function covers({ resource, role, setting }: Exception, found: Pick<Violation, "subject" | "role" | "setting">) {
	return (
		(resource === undefined || matches(resource, found.subject)) &&
		(role === undefined || role === found.role) &&
		(setting === undefined || setting === found.setting)
	);
}

function matches(pattern: string, subject: string | undefined): boolean {
	return subject !== undefined && matchesWildcard(pattern, subject);
}

/** Today, in UTC, as `YYYY-MM-DD`. */
export function currentDay(): string {
	return new Date().toISOString().slice(0, "YYYY-MM-DD".length);
}
