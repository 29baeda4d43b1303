/** Exceptions: violations that the administrator accepts for a time. They are a part of a policy's configuration. */
import type { PolicyConfigSchema } from "@pulumi/policy";
import { matchesWildcard } from "../../../src/config/formats/wildcard.ts";
import { type Field, text } from "../reading/form.ts";
import { machineRoles } from "../vm/machines.ts";
import type { Exception, Verdict, Violation } from "./violation.ts";

/** Letters that a pattern needs beside `*`: a shorter one would match resources that its author did not think of. */
const minimumLetters = 4;

/** An exception without a near end is never looked at again. */
const maximumYears = 2;

/**
 * The members of an exception, in a policy configuration and in the list of deviations.
 *
 * @param decided ids of the controls that its policy decides
 * @param today as `YYYY-MM-DD`
 * @param settings keys of the stack file that its policy names as causes
 */
export function exceptionForm(decided: readonly string[], today: string, settings: readonly string[] = []) {
	return {
		resource: {
			meaning: `the name of a resource, or \`Kind namespace/name\` of an object, with ${minimumLetters} letters or more beside *`,
			accepts: text((value) => value.replace(/[*\s]/g, "").length >= minimumLetters),
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
			meaning: `the last day of the exception, as YYYY-MM-DD, no more than ${maximumYears} years ahead`,
			accepts: text((value) => isDay(value) && value <= yearsAfter(today)),
		},
	} satisfies Record<keyof Exception, Field>;
}

/**
 * What a rule needs to read a policy's settings: Pulumi refuses others before it runs a policy. configuration.ts finds every
 * other mistake. The schema is small, because Pulumi gets it once for each policy.
 */
export const configSchema: PolicyConfigSchema = {
	properties: {
		profileLevel: { type: "integer" },
		exceptions: {
			type: "array",
			items: {
				type: "object",
				propertyNames: { enum: Object.keys(exceptionForm([], currentDay())) },
				additionalProperties: { type: "string", minLength: 1 },
				required: ["reason", "expires"],
			},
		},
	},
};

/** Only days of the calendar: an exception until 30 February would not expire on the day that it names. */
function isDay(day: string): boolean {
	const date = new Date(`${day}T00:00:00Z`);
	return /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

function yearsAfter(today: string): string {
	return `${Number(today.slice(0, 4)) + maximumYears}${today.slice(4)}`;
}

/** @param today as `YYYY-MM-DD` */
export function applyExceptions(
	found: readonly Violation[],
	exceptions: readonly Exception[],
	today: string,
): Omit<Verdict, "leftOut"> {
	const verdict: Omit<Verdict, "leftOut"> = { violations: [], accepted: [] };
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

/** The subject of an exception, for a sentence. */
export function subjectOf({ resource, role, setting }: Exception): string {
	return [resource, role && `each ${role}`, setting && `the setting ${setting}`].filter(Boolean).join(" with ");
}

/** An exception without a subject covers nothing. */
function covers({ resource, role, setting }: Exception, found: Pick<Violation, "subject" | "role" | "setting">) {
	return (
		(resource !== undefined || setting !== undefined) &&
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
