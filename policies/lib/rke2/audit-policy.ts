/** The treatment of requests by an audit policy of the API server. */
import { isObject } from "../reading/form.ts";
import { type Shaped, shaped } from "../reading/shape.ts";

const omitStages = ["string"] as const;
const policyShape = {
	kind: "string",
	omitStages,
	rules: [
		{
			level: "string",
			users: ["string"],
			userGroups: ["string"],
			verbs: ["string"],
			namespaces: ["string"],
			nonResourceURLs: ["string"],
			resources: [{ group: "string", resources: ["string"], resourceNames: ["string"] }],
			omitStages,
		},
	],
} as const;
export type AuditPolicy = Shaped<typeof policyShape>;
type AuditRule = NonNullable<AuditPolicy["rules"]>[number];

/**
 * Nothing for a value that is not an object.
 *
 * @param value content of the file
 * @param file names it in a sentence
 * @throws UndecidableError when a member that a rule reads has another type than in the API server
 */
export function auditPolicyOf(value: unknown, file: string): AuditPolicy | undefined {
	return isObject(value) ? shaped(value, policyShape, { path: [], owner: () => file }) : undefined;
}

export const writing = ["create", "update", "patch", "delete", "deletecollection"] as const;
export const everyVerb = ["get", "list", "watch", ...writing] as const;

/** How requests for one resource are treated. */
export interface AuditTreatment {
	/** Verbs with requests that are not recorded. */
	silent: ReadonlySet<string>;
	/** Every level at which some requests are recorded. */
	levels: ReadonlySet<string>;
}

/**
 * The API server takes the first rule that matches a request, and records nothing where none does.
 * https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#audit-policy
 *
 * Rules that silence single users or nodes do not count, because these are components. Every other silent rule counts, even
 * for few namespaces, groups or names of objects: which of them exist is not known here.
 *
 * @param resource e.g. `secrets`, or `pods/exec` for a subresource
 */
export function auditTreatment(policy: AuditPolicy, group: string, resource: string): AuditTreatment {
	const undecided = new Set<string>(everyVerb);
	const silent = new Set<string>();
	const levels = new Set<string>();
	for (const rule of policy.rules ?? []) {
		const match = matches(rule, group, resource);
		const unrecorded = isSilent(rule, policy.omitStages);
		for (const verb of match === "none" ? [] : verbsOf(rule).filter((one) => undecided.has(one))) {
			if (!unrecorded) {
				levels.add(rule.level ?? "None");
			} else if (!isAboutComponents(rule)) {
				silent.add(verb);
			}
			if (match === "all") {
				undecided.delete(verb);
			}
		}
	}
	return { silent: new Set([...silent, ...undecided]), levels };
}

/** Whether a rule matches all requests for the resource with its verbs, or some of them. */
function matches(rule: AuditRule, group: string, resource: string): "all" | "some" | "none" {
	const { users, userGroups = [], namespaces } = rule;
	const everybody = userGroups.length === 0 || userGroups.includes("system:authenticated");
	const whole = isEmpty(users) && everybody && isEmpty(namespaces) ? "all" : "some";
	if (isEmpty(rule.resources)) {
		return isEmpty(rule.nonResourceURLs) ? whole : "none";
	}
	const entries = rule.resources.filter(
		(entry) => (entry.group ?? "") === group && coversResource(entry.resources ?? [], resource),
	);
	if (entries.length === 0) {
		return "none";
	}
	return entries.some(({ resourceNames }) => isEmpty(resourceNames)) ? whole : "some";
}

function verbsOf({ verbs }: AuditRule): readonly string[] {
	return isEmpty(verbs) ? everyVerb : verbs;
}

/** Without the stages of arrival and completion, only failed requests are recorded. */
function isSilent({ level = "None", omitStages = [] }: AuditRule, everywhere: readonly string[] = []): boolean {
	const omitted = [...omitStages, ...everywhere];
	return level === "None" || ["RequestReceived", "ResponseComplete"].every((stage) => omitted.includes(stage));
}

function isAboutComponents({ users, userGroups = [] }: AuditRule): boolean {
	return !isEmpty(users) || (userGroups.length > 0 && userGroups.every((name) => name === "system:nodes"));
}

// An empty list is every resource of the group. As in the API server, `pods/*` covers pods as well as what is below them,
// while `*/exec` is a subresource of anything.
function coversResource(patterns: readonly string[], resource: string): boolean {
	const [kind, subresource] = resource.split("/");
	const accepted = ["*", resource, `${kind}/*`, ...(subresource ? [`*/${subresource}`] : [])];
	return patterns.length === 0 || patterns.some((pattern) => accepted.includes(pattern));
}

/** The API server reads an empty list as an absent one. */
function isEmpty(list: readonly unknown[] | undefined): list is readonly [] | undefined {
	return list === undefined || list.length === 0;
}
