/** How an audit policy of the API server treats a kind of request. */

export type AuditLevel = "None" | "Metadata" | "Request" | "RequestResponse";

export interface AuditRule {
	level?: AuditLevel;
	users?: string[];
	userGroups?: string[];
	verbs?: string[];
	namespaces?: string[];
	nonResourceURLs?: string[];
	resources?: { group?: string; resources?: string[]; resourceNames?: string[] }[];
}

export interface AuditPolicy {
	kind?: string;
	rules?: AuditRule[];
}

/**
 * The levels at which requests for a resource can be recorded: those of the rules that match some of them, up to the
 * first rule that matches all. The API server takes the first match and records nothing where none matches.
 * https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#audit-policy
 *
 * @param resource e.g. `secrets`, or `pods/exec` for a subresource
 * @returns `some` for requests that a narrower rule singles out, `rest` for all others
 */
export function auditLevels(
	{ rules = [] }: AuditPolicy,
	group: string,
	resource: string,
): { some: AuditLevel[]; rest: AuditLevel } {
	const some: AuditLevel[] = [];
	for (const rule of rules) {
		const match = matches(rule, group, resource);
		if (match === "all") {
			return { some, rest: rule.level ?? "None" };
		}
		if (match === "some") {
			some.push(rule.level ?? "None");
		}
	}
	return { some, rest: "None" };
}

function matches(rule: AuditRule, group: string, resource: string): "all" | "some" | "none" {
	const whole = isNarrowed(rule) ? "some" : "all";
	if (!rule.resources || rule.resources.length === 0) {
		return rule.nonResourceURLs && rule.nonResourceURLs.length > 0 ? "none" : whole;
	}
	const entries = rule.resources.filter(
		(entry) => (entry.group ?? "") === group && coversResource(entry.resources ?? [], resource),
	);
	if (entries.length === 0) {
		return "none";
	}
	return entries.some(({ resourceNames = [] }) => resourceNames.length === 0) ? whole : "some";
}

const everybody = "system:authenticated";
const everyVerb = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/** A rule that silences everybody's requests does it under any name: of the group that all are in, or of all verbs. */
function isNarrowed({ level, users = [], userGroups = [], verbs = [], namespaces = [] }: AuditRule): boolean {
	const silences = level === undefined || level === "None";
	const someGroups = userGroups.length > 0 && !(silences && userGroups.includes(everybody));
	const someVerbs = verbs.length > 0 && !(silences && everyVerb.every((verb) => verbs.includes(verb)));
	return users.length > 0 || namespaces.length > 0 || someGroups || someVerbs;
}

// An empty list is every resource of the group. As in the API server, `pods/*` covers pods as well as what is below them,
// while `*/exec` is a subresource of anything.
function coversResource(patterns: string[], resource: string): boolean {
	const [kind, subresource] = resource.split("/");
	const accepted = ["*", resource, `${kind}/*`, ...(subresource ? [`*/${subresource}`] : [])];
	return patterns.length === 0 || patterns.some((pattern) => accepted.includes(pattern));
}
