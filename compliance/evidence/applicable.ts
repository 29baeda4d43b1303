/** Whether a rule applies to a stack, by the subject that the rule declares. */
import { declaredObjects } from "../../policies/lib/kubernetes/objects.ts";
import { type Resource, UndecidableError } from "../../policies/lib/rules/resource.ts";
import type { Rule } from "../../policies/lib/rules/rule.ts";

/**
 * - `applies`: the stack declares the rule's subject.
 * - `does not apply`: the stack declares no such thing in any form.
 * - `not seen`: the rule found nothing to evaluate, and the stack should declare its subject, or declares it in a form that
 *   the rule does not read. The rule has decided nothing, and its controls must not pass.
 */
export type Applicability = "applies" | "does not apply" | "not seen";

export function applicabilityOf({ subject }: Rule, resources: readonly Resource[]): Applicability {
	if (resources.some((resource) => isDeclared(() => subject.isDeclaredBy(resource)))) {
		return "applies";
	}
	const { isRecognizedIn } = subject;
	return isRecognizedIn && !declaredObjects(resources).some(({ object }) => isRecognizedIn(object))
		? "does not apply"
		: "not seen";
}

/** A resource that cannot be read is a violation already. */
function isDeclared(read: () => boolean): boolean {
	try {
		return read();
	} catch (error) {
		if (error instanceof UndecidableError) {
			return true;
		}
		throw error;
	}
}
