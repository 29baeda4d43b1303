/** How an audit policy of the API server treats a kind of request. */
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
 * Nothing for a value that is no object.
 *
 * @param value as the file has it
 * @param file names it in a sentence
 * @throws UndecidableError when a member, once it is read, is of another kind than the API server's
 */
export function auditPolicyOf(value: unknown, file: string): AuditPolicy | undefined {
	return isObject(value) ? shaped(value, policyShape, { path: [], owner: () => file }) : undefined;
}

export const writing = ["create", "update", "patch", "delete", "deletecollection"] as const;
export const everyVerb = ["get", "list", "watch", ...writing] as const;

/** How requests for one resource are treated. */
export interface AuditTreatment {
	/** Verbs of which some requests are recorded nowhere. */
	silent: ReadonlySet<string>;
	/** Every level at which some requests are recorded. */
	levels: ReadonlySet<string>;
}

/**
 * The API server takes the first rule that matches a request, and records nothing where none does.
 * https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#audit-policy
 *
 * Silence about users by their names, and about nodes, is left out: it is about components. Silence about anybody else is
 * silence, however few namespaces, groups or names of objects it is said of, for nobody knows here which there are.
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

/** Whether a rule is about all requests for the resource that have its verbs, or about some of them. */
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

/** Of a request that leaves out both its arrival and its end nothing is left but what goes wrong on the way. */
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

/** The API server takes an empty list for none. */
function isEmpty(list: readonly unknown[] | undefined): list is readonly [] | undefined {
	return list === undefined || list.length === 0;
}
