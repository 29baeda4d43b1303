/** What every rule of the pack is shown: things that it accepts, and things that it refuses with a sentence. */
import type { Given } from "../run-rule.ts";

export interface Cases {
	/** By what is special about it, a resource; or several for a rule across resources. */
	accepts: Record<string, Given | Given[]>;
	/** The same, with each whole sentence; for a rule across resources the name of the one at fault stands before it. */
	refuses: Record<string, readonly [given: Given | Given[], sentence: string, ...more: string[]]>;
}

/** By the rule's name. */
export type CaseTable = Readonly<Record<string, Cases>>;
