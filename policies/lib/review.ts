/** Asks one rule about what a program declares; what it cannot decide counts as violated. */
import { UnknownValueError } from "@pulumi/policy";
import { objectsOf } from "./kubernetes.ts";
import { type ObjectRule, type Resource, type ResourceRule, type StackRule, UndecidableError } from "./rule.ts";

export interface Violation {
	/** A sentence that names what was found and what is allowed. */
	message: string;
	/** What an exception can name: the resource, or `Kind namespace/name` of an object. None where nothing was decided. */
	subject?: string;
	/** Of the offending resource. */
	urn?: string;
}

export function reviewResource(rule: ResourceRule | ObjectRule, resource: Resource): Violation[] {
	return failClosed((found) => {
		if ("checkResource" in rule) {
			rule.checkResource(resource, (message) => found.push({ message, subject: resource.name, urn: resource.urn }));
			return;
		}
		for (const object of objectsOf(resource)) {
			rule.checkObject(object, (message) => found.push({ message, subject: object.subject, urn: resource.urn }));
		}
	});
}

export function reviewStack(rule: StackRule, resources: readonly Resource[]): Violation[] {
	return failClosed((found) => {
		rule.checkStack(resources, (message, { name, urn }) => found.push({ message, subject: name, urn }));
	});
}

/**
 * Left alone, Pulumi reports a policy that reads an unknown value as advisory whatever its level, and the preview
 * passes: one input computed from an output would switch the rule off for exactly that resource.
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
