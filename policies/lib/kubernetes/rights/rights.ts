/** The rules of a role, measured by the permissions that lead to others. */
import { allows, type PolicyRule } from "../roles.ts";
import { type Escalation, escalations } from "./escalations.ts";

/** A permission that leads to others, as far as a role has it. */
export interface Right {
	escalation: Escalation;
	verbs: readonly string[];
	resources: readonly string[];
}

/** Where rules hold, and for whom. */
export interface Scope {
	/** The one namespace; none for all of them. */
	namespace?: string;
	/** e.g. `ServiceAccount traefik/traefik` */
	holder: string;
}

/** The names of a stack, which lead nowhere. */
export interface KnownNames {
	/** @param name of a ClusterRole, or `namespace/name` of a Role */
	isHarmlessRole(kind: string, name: string): boolean;
	/** @param name `ServiceAccount namespace/name` */
	isHarmlessAccount(name: string): boolean;
	/** @param name `User name` or `Group name` */
	isHarmlessHolder(name: string): boolean;
}

/**
 * @param scope left out, rules about roles, accounts and people by name count whatever they name
 * @returns one right for each escalation that the rules allow together
 */
export function rightsIn(
	rules: readonly PolicyRule[],
	scope: Scope | undefined,
	known: KnownNames | undefined,
): Right[] {
	const found = rules
		.flatMap((rule) => allowedBy(rule))
		.filter((one) => !isTamed(one.rule, one.resource, one.escalation, scope, known));
	return escalations
		.filter((escalation) => found.some((one) => one.escalation === escalation))
		.map((escalation) => {
			const own = found.filter((one) => one.escalation === escalation);
			return {
				escalation,
				verbs: escalation.verbs.filter((verb) => own.some(({ verbs }) => verbs.includes(verb))),
				resources: escalation.resources.filter((name) => own.some(({ resource }) => resource === name)),
			};
		});
}

/** One resource of an escalation, with the verbs that a rule allows on it. */
interface Allowed {
	rule: PolicyRule;
	escalation: Escalation;
	resource: string;
	verbs: readonly string[];
}

/** Aggregation puts the same rule into several roles. */
const read = new WeakMap<PolicyRule, readonly Allowed[]>();

function allowedBy(rule: PolicyRule): readonly Allowed[] {
	const allowed =
		read.get(rule) ??
		escalations.flatMap((escalation) =>
			escalation.resources.flatMap((resource) => {
				const verbs = escalation.verbs.filter((verb) => allows(rule, escalation.group, resource, [verb]));
				return verbs.length > 0 ? [{ rule, escalation, resource, verbs }] : [];
			}),
		);
	read.set(rule, allowed);
	return allowed;
}

/**
 * Whether the rule names single objects, and none of them leads to other rights. A request without an object's name, such as
 * list or create, has the empty name, which stands for every object.
 */
function isTamed(
	{ resourceNames = [] }: PolicyRule,
	resource: string,
	{ named }: Escalation,
	scope: Scope | undefined,
	known: KnownNames | undefined,
): boolean {
	if (resourceNames.length === 0 || resourceNames.includes("") || named === "every") {
		return false;
	}
	if (named === undefined) {
		return true;
	}
	if (named === "signers") {
		return resourceNames.every(isSignerOfProgram);
	}
	return scope !== undefined && known !== undefined && resourceNames.every((name) => isHarmless(name));

	function isHarmless(name: string): boolean {
		const { namespace, holder } = scope!;
		const inside = `${namespace}/${name}`;
		if (named === "roles") {
			return resource === "roles"
				? namespace !== undefined && known!.isHarmlessRole("Role", inside)
				: known!.isHarmlessRole("ClusterRole", name);
		}
		if (named === "people") {
			return known!.isHarmlessHolder(`${resource === "users" ? "User" : "Group"} ${name}`);
		}
		const account = `ServiceAccount ${inside}`;
		return namespace !== undefined && (account === holder || known!.isHarmlessAccount(account));
	}
}

/** Signers are named `domain/path`; those of Kubernetes itself have its domain. */
function isSignerOfProgram(name: string): boolean {
	const [domain, ...path] = name.split("/");
	return path.length > 0 && domain!.includes(".") && !domain!.includes("*") && domain !== "kubernetes.io";
}
