/** Violations that somebody has decided to live with for a while. They are part of a policy's configuration. */
import type { PolicyConfigSchema } from "@pulumi/policy";
import type { Violation } from "./review.ts";

export interface Exception {
	/** Name of a resource, or `Kind namespace/name` of a Kubernetes object; `*` stands for any characters. */
	resource: string;
	/** Why the violation is acceptable. */
	reason: string;
	/** The last day on which it is, as `YYYY-MM-DD`. */
	expires: string;
}

/** What a policy configuration may say about a rule beside its enforcement level. */
export interface RuleConfig {
	exceptions?: Exception[];
}

/** What Pulumi itself refuses before anything is judged; configuration.ts finds the rest. */
export const configSchema: PolicyConfigSchema = {
	properties: {
		exceptions: {
			type: "array",
			items: {
				type: "object",
				additionalProperties: false,
				required: ["resource", "reason", "expires"],
				properties: {
					resource: { type: "string", minLength: 1 },
					reason: { type: "string", minLength: 10 },
					expires: { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" },
				},
			},
		},
	},
};

/** What a rule found, sorted by what its exceptions say about it. */
export interface Verdict {
	/** What stands: found without an exception, or with one that has expired. */
	violations: Violation[];
	/** What an exception covers today. */
	accepted: { violation: Violation; exception: Exception }[];
}

/** @param today as `YYYY-MM-DD` */
export function applyExceptions(found: readonly Violation[], exceptions: readonly Exception[], today: string): Verdict {
	const verdict: Verdict = { violations: [], accepted: [] };
	for (const violation of found) {
		const matching = exceptions.filter(({ resource }) => covers(resource, violation.subject));
		const valid = matching.find(({ expires }) => expires >= today);
		if (valid) {
			verdict.accepted.push({ violation, exception: valid });
		} else {
			const [expired] = matching;
			const message = expired
				? `${violation.message} Its exception for ${expired.resource} expired on ${expired.expires}; correct it or renew the exception.`
				: violation.message;
			verdict.violations.push({ ...violation, message });
		}
	}
	return verdict;
}

/** Whether an exception covers the subject today. */
export function isAccepted(subject: string, exceptions: readonly Exception[], today: string): boolean {
	return exceptions.some(({ resource, expires }) => covers(resource, subject) && expires >= today);
}

function covers(pattern: string, subject: string | undefined): boolean {
	const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
	return subject !== undefined && new RegExp(`^${parts.join(".*")}$`).test(subject);
}

/** Today, in UTC, as `YYYY-MM-DD`. */
export function currentDay(): string {
	return new Date().toISOString().slice(0, "YYYY-MM-DD".length);
}
