/** Asks one rule about what a program declares; what it cannot decide counts as violated. */
import { UnknownValueError } from "@pulumi/policy";
import { controlsDecidedBy } from "../../benchmark/index.ts";
import { type KubernetesObject, objectsOf } from "../kubernetes/objects.ts";
import { type MachineRole, machineOf, rolesOf } from "../vm/machines.ts";
import { type Resource, UndecidableError } from "./resource.ts";
import type { ObjectRule, ResourceRule, Rule, StackRule } from "./rule.ts";

export interface Violation {
	/** A sentence that names what was found and what is allowed, and the control where the rule decides several. */
	message: string;
	/** Id of the control that is broken. None where every control of the rule is, or the rule goes beyond the benchmark. */
	control?: string;
	/** What an exception can name: the resource, or `Kind namespace/name` of an object. None where nothing was decided. */
	subject?: string;
	/** Of the machine that is at fault. */
	role?: MachineRole;
	/** Key of the stack file that is the cause. */
	setting?: string;
	/** Of the offending resource. */
	urn?: string;
}

export function reviewResource(rule: ResourceRule | ObjectRule, resource: Resource): Violation[] {
	if ("checkObject" in rule) {
		return failClosed((found) => {
			for (const object of objectsOf(resource)) {
				check(rule, object, found, resource.urn);
			}
		});
	}
	if (rule.type !== undefined && rule.type !== resource.type) {
		return [];
	}
	return failClosed((found) => {
		rule.checkResource(resource, (message, control, setting) =>
			found.push(violation(rule, message, control, { ...culprit(resource), setting })),
		);
	});
}

/** @param object as it stands in a chart, where no resource declares it */
export function reviewObject(rule: ObjectRule, object: KubernetesObject): Violation[] {
	return failClosed((found) => check(rule, object, found));
}

export function reviewStack(rule: StackRule, resources: readonly Resource[]): Violation[] {
	return failClosed((found) => {
		rule.checkStack(resources, (message, resource, control, setting) =>
			found.push(violation(rule, message, control, { ...culprit(resource), setting })),
		);
	});
}

function culprit(resource: Resource): Pick<Violation, "subject" | "role" | "urn"> {
	const machine = machineOf(resource);
	const [role, ...others] = machine ? rolesOf(machine) : [];
	return { subject: resource.name, urn: resource.urn, ...(role && others.length === 0 && { role }) };
}

function check(rule: ObjectRule, object: KubernetesObject, found: Violation[], urn?: string): void {
	rule.checkObject(object, (message, control) =>
		found.push(violation(rule, message, control, { subject: object.subject, urn })),
	);
}

/** The only place where a control is put into a sentence; elsewhere it is data. */
function violation(
	{ name }: Rule,
	message: string,
	control: string | undefined,
	about: Pick<Violation, "subject" | "role" | "setting" | "urn">,
): Violation {
	const [first, ...others] = control === undefined ? controlsDecidedBy(name) : [];
	return control === undefined
		? { ...about, message, ...(first && others.length === 0 && { control: first.id }) }
		: { ...about, message: message.replace(/\.$/, ` (control ${control}).`), control };
}

/**
 * Left alone, Pulumi reports a policy that reads an unknown value as advisory whatever its level, and the preview
 * passes: one input computed from an output would switch the rule off for exactly that resource.
 */
function failClosed(review: (found: Violation[]) => void): Violation[] {
	const found: Violation[] = [];
	try {
		review(found);
	} catch (error) {
		if (error instanceof UnknownValueError) {
			const path = error.props.map(String).join(".");
			found.push({
				message: `${path} is not known at preview, so this rule cannot be decided; set it from configuration rather than from the output of another resource.`,
			});
		} else if (error instanceof UndecidableError) {
			found.push({ message: `${error.message}, so this rule cannot be decided.` });
		} else {
			throw error;
		}
	}
	return found;
}
