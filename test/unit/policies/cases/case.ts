/** The cases of a rule: resources that it accepts, and resources that it refuses with a sentence. */
import type { Given } from "../run-rule.ts";

export interface Cases {
	/** By a description, a resource; or several for a rule across resources. */
	accepts: Record<string, Given | Given[]>;
	/** The same, with each sentence; for a rule across resources, with the name of the resource at fault before it. */
	refuses: Record<string, readonly [given: Given | Given[], sentence: string, ...more: string[]]>;
}

/** By the rule's name. */
export type CaseTable = Readonly<Record<string, Cases>>;
