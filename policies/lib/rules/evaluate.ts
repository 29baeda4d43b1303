/** Puts rules to resources. Everything that evaluates a rule calls this: the policy runner, the commands and the tests. */
import { UnknownValueError } from "@pulumi/policy";
import { type ControlId, controls } from "../../benchmark/index.ts";
import { objectsOf } from "../kubernetes/objects.ts";
import { machineOf, rolesOf } from "../vm/machines.ts";
import { applyExceptions, currentDay } from "./exceptions.ts";
import { type Resource, UndecidableError } from "./resource.ts";
import type { Culprit, ObjectRule, ResourceRule, Rule } from "./rule.ts";
import type { RuleConfig, Verdict, Violation } from "./violation.ts";

/**
 * @param resources one or more; a rule across resources needs all of the stack
 * @param today as `YYYY-MM-DD`: the day by which exceptions expire
 */
export function evaluate(
	rule: Rule,
	resources: readonly Resource[],
	config: RuleConfig = {},
	today = currentDay(),
): Verdict {
	const found = findViolations(rule, resources);
	const leftOut = found.filter((violation) => isLeftOut(violation, config));
	const counting = found.filter((violation) => !leftOut.includes(violation));
	return { ...applyExceptions(counting, config.exceptions ?? [], today), leftOut };
}

/** Every violation, without a configuration. A rule that cannot decide counts as violated. */
export function findViolations(rule: Rule, resources: readonly Resource[]): Violation[] {
	if ("checkStack" in rule) {
		return failClosed((found) => {
			rule.checkStack(resources, (message, about, control, setting) =>
				found.push(violation(rule, message, control, { ...culprit(about), setting })),
			);
		});
	}
	return resources.flatMap((resource) => failClosed((found) => checkOne(rule, resource, found)));
}

function checkOne(rule: ResourceRule | ObjectRule, resource: Resource, found: Violation[]): void {
	if ("checkObject" in rule) {
		for (const object of objectsOf(resource)) {
			rule.checkObject(object, (message, control) =>
				found.push(violation(rule, message, control, { subject: object.subject, urn: resource.urn })),
			);
		}
	} else if (rule.type === undefined || rule.type === resource.type) {
		rule.checkResource(resource, (message, control, setting) =>
			found.push(violation(rule, message, control, { ...culprit(resource), setting })),
		);
	}
}

function culprit(resource: Resource | Culprit): Pick<Violation, "subject" | "role" | "urn"> {
	if ("resource" in resource) {
		return { subject: resource.subject, urn: resource.resource.urn };
	}
	const machine = machineOf(resource);
	const [role, ...others] = machine ? rolesOf(machine) : [];
	return { subject: resource.name, urn: resource.urn, ...(role && others.length === 0 && { role }) };
}

/** The only place where a control becomes a part of a sentence; elsewhere it is data. */
function violation(
	rule: Rule,
	message: string,
	control: string | undefined,
	about: Pick<Violation, "subject" | "role" | "setting" | "urn">,
): Violation {
	const [first, ...others] = control === undefined ? rule.controls : [];
	return control === undefined
		? { ...about, message, ...(first && others.length === 0 && { control: first }) }
		: { ...about, message: message.replace(/\.$/, ` (control ${control}).`), control };
}

/**
 * Pulumi reports a policy that reads an unknown value as advisory, at any level, and the preview passes. One
 * input that is computed from an output would then switch the rule off for that resource.
 */
function failClosed(check: (found: Violation[]) => void): Violation[] {
	const found: Violation[] = [];
	try {
		check(found);
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

/** A violation that names no control counts at every profile level: it may break any control of its rule. */
function isLeftOut({ control = "" }: Violation, { profileLevel }: RuleConfig): boolean {
	return profileLevel !== undefined && (controls[control as ControlId]?.level ?? 1) > profileLevel;
}
