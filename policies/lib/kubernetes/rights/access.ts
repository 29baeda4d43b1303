/** The roles and bindings of a stack, and the rights of each subject that follow from them. */
import type { Resource } from "../../rules/resource.ts";
import { isHarmlessRole } from "../built-in-roles.ts";
import { type DeclaredObject, declaredObjects, type KubernetesObject } from "../objects.ts";
import {
	bindingOf,
	isBinding,
	isRole,
	type PolicyRule,
	readRulesOf,
	type SubjectReference,
	selectorsOf,
} from "../roles.ts";
import { type KnownNames, type Right, rightsIn } from "./rights.ts";

/** A right that leads to others, with its holder. */
export interface Finding extends Right {
	/** The holder: `ServiceAccount namespace/name`, `Group name`, `User name`, or the role itself where nobody is bound to it. */
	holder: string;
	/** The role, where the holder is another. */
	role?: string;
	/** The binding, or the role that nobody is bound to. */
	declared: DeclaredObject;
}

/** A binding to a role that the stack does not declare. */
export interface OutsideGrant {
	/** Name of the ClusterRole, or `namespace/name` of the Role. */
	role: string;
	kind: string;
	subjects: readonly SubjectReference[];
	declared: DeclaredObject;
}

export interface Access {
	findings: readonly Finding[];
	outside: readonly OutsideGrant[];
}

/** One role, with the scope of a grant of it. */
interface Role {
	declared: DeclaredObject;
	rules: readonly PolicyRule[];
}

/** A role in the hands of a subject. */
interface Grant {
	holder: string;
	roles: readonly Role[];
	/** Namespace in which it holds; none for all of them. */
	namespace?: string;
	declared: DeclaredObject;
}

/**
 * Every right that leads to others. A role that nobody is bound to counts as well, because a binding can be made at any time.
 *
 * @throws UndecidableError when a part of a role or a binding has another type
 */
export function accessIn(resources: readonly Resource[]): Access {
	const known = computed.get(resources) ?? compute(resources);
	computed.set(resources, known);
	return known;
}

/** Two rules ask about the same stack. */
const computed = new WeakMap<readonly Resource[], Access>();

function compute(resources: readonly Resource[]): Access {
	const declared = distinct(declaredObjects(resources));
	const roles = withAggregated(rolesIn(declared));
	const { grants, outside } = grantsIn(declared, roles);
	const known = namesIn(declared, roles, grants, outside);
	const bound = new Set(grants.flatMap((grant) => grant.roles));
	const findings = [
		...grants.flatMap(({ holder, roles: held, namespace, declared: binding }) =>
			held.flatMap((role) =>
				rightsIn(role.rules, { namespace, holder }, known).map((right) => ({
					...right,
					holder,
					role: role.declared.object.subject,
					declared: binding,
				})),
			),
		),
		...[...roles.values()]
			.flat()
			.filter((role) => !bound.has(role))
			.flatMap(({ declared: role, rules }) => {
				const holder = role.object.subject;
				const { namespace } = role.object.metadata;
				return rightsIn(rules, { namespace, holder }, known).map((right) => ({ ...right, holder, declared: role }));
			}),
	];
	return { findings, outside };
}

/** Every server carries the same manifests. */
function distinct(declared: readonly DeclaredObject[]): DeclaredObject[] {
	return [...new Map(declared.toReversed().map((one) => [one.object, one])).values()].reverse();
}

/** By `Kind namespace/name`; several where a patch adds to a role. */
function rolesIn(declared: readonly DeclaredObject[]): Map<string, Role[]> {
	const roles = new Map<string, Role[]>();
	for (const one of declared) {
		if (isRole(one.object)) {
			const { subject } = one.object;
			roles.set(subject, [...(roles.get(subject) ?? []), { declared: one, rules: readRulesOf(one.object) }]);
		}
	}
	return roles;
}

/** The control plane copies the rules of the selected ClusterRoles into the role that selects them. */
function withAggregated(roles: ReadonlyMap<string, Role[]>): Map<string, Role[]> {
	const all = [...roles.values()].flat();
	const byLabel = new Map<string, Set<Role>>();
	for (const role of all) {
		for (const [key, value] of Object.entries(labelsOf(role.declared.object))) {
			const label = `${key}=${value}`;
			byLabel.set(label, (byLabel.get(label) ?? new Set()).add(role));
		}
	}
	const selectedBy = (role: Role): Role[] =>
		selectorsOf(role.declared.object).flatMap(({ matchLabels = {} }) => {
			const [first, ...others] = Object.entries(matchLabels).map(
				(entry) => byLabel.get(entry.join("=")) ?? new Set<Role>(),
			);
			return [...(first ?? all)].filter((one) => others.every((selected) => selected.has(one)));
		});
	return new Map(
		[...roles].map(([name, same]) => [
			name,
			same.map((role) => {
				const reached = new Set([role]);
				// A set is visited in the order in which it grows.
				for (const one of reached) {
					for (const next of selectedBy(one)) {
						reached.add(next);
					}
				}
				return { ...role, rules: [...reached].flatMap(({ rules }) => rules) };
			}),
		]),
	);
}

function labelsOf({ kind, metadata }: KubernetesObject): Record<string, unknown> {
	return kind === "ClusterRole" ? (metadata.labels ?? {}) : {};
}

function grantsIn(declared: readonly DeclaredObject[], roles: ReadonlyMap<string, Role[]>) {
	const grants: Grant[] = [];
	const outside: OutsideGrant[] = [];
	for (const one of declared) {
		const { object } = one;
		if (isBinding(object)) {
			const { subjects = [] } = bindingOf(object)!;
			const { kind, role } = boundRole(object);
			const bound = roles.get(`${kind} ${role}`);
			const namespace = object.kind === "RoleBinding" ? object.metadata.namespace : undefined;
			if (bound) {
				const holders = subjects.map((subject) => holderOf(subject, object.metadata.namespace));
				grants.push(...holders.map((holder) => ({ holder, roles: bound, namespace, declared: one })));
			} else if (!isHarmlessRole(kind, role)) {
				outside.push({ role, kind, subjects, declared: one });
			}
		}
	}
	return { grants: [...grants, ...additionsIn(roles)], outside };
}

/** The role of a binding. A patch that names none adds to a binding of Kubernetes, which has the name of its ClusterRole. */
function boundRole(object: KubernetesObject): { kind: string; role: string } {
	const { roleRef } = bindingOf(object)!;
	const { kind = "ClusterRole", name = object.patch ? object.metadata.name : undefined } = roleRef ?? {};
	return { kind, role: `${kind === "Role" ? `${object.metadata.namespace}/` : ""}${name}` };
}

/** Kubernetes adds the rules of a ClusterRole with such a label to its own role, so that everybody with that role has them. */
function additionsIn(roles: ReadonlyMap<string, Role[]>): Grant[] {
	return [...roles.values()].flat().flatMap((role) =>
		Object.entries(labelsOf(role.declared.object)).flatMap(([key, value]): Grant[] => {
			const [, target] = /^rbac\.authorization\.k8s\.io\/aggregate-to-(.+)$/.exec(key) ?? [];
			return target === undefined || value !== "true"
				? []
				: [{ holder: `ClusterRole ${target}`, roles: [role], declared: role.declared }];
		}),
	);
}

/** The holder of a subject's rights. The user of a ServiceAccount is that account. */
function holderOf({ kind, name = "", namespace }: SubjectReference, ofBinding: string | undefined): string {
	const [, home, account] = /^system:serviceaccount:([^:]*):(.*)$/.exec(name) ?? [];
	if (kind === "User" && account !== undefined) {
		return `ServiceAccount ${home}/${account}`;
	}
	return kind === "ServiceAccount" ? `ServiceAccount ${namespace ?? ofBinding}/${name}` : `${kind} ${name}`;
}

/** The names that are known to lead to nothing: declared by the stack, and without a right that may lead to others. */
function namesIn(
	declared: readonly DeclaredObject[],
	roles: ReadonlyMap<string, Role[]>,
	grants: readonly Grant[],
	outside: readonly OutsideGrant[],
): KnownNames {
	const leads = new Map<Role, boolean>();
	const isLeading = (role: Role) => {
		const found = leads.get(role) ?? rightsIn(role.rules, undefined, undefined).length > 0;
		leads.set(role, found);
		return found;
	};
	/** Whether a right of the holder may lead to others. */
	const holders = new Map<string, boolean>();
	for (const { holder, roles: held } of grants) {
		holders.set(holder, (holders.get(holder) ?? false) || held.some(isLeading));
	}
	for (const { subjects, declared: binding } of outside) {
		for (const subject of subjects) {
			holders.set(holderOf(subject, binding.object.metadata.namespace), true);
		}
	}
	let accounts: Set<string> | undefined;
	return {
		isHarmlessRole: (kind, name) => {
			const found = roles.get(`${kind} ${name}`);
			return found ? !found.some(isLeading) : isHarmlessRole(kind, name);
		},
		isHarmlessAccount: (name) => {
			accounts ??= new Set(
				declared
					.map(({ object }) => object)
					.filter(({ apiVersion, kind }) => apiVersion === "v1" && kind === "ServiceAccount")
					.map(({ subject }) => subject),
			);
			return accounts.has(name) && holders.get(name) !== true;
		},
		isHarmlessHolder: (name) => holders.get(name) === false,
	};
}
