/** What was found out about a control or a rule on one stack. */

/**
 * `accepted` is a violation under an exception; `not seen` is for a rule that found nothing in the stack that it is about;
 * `open` is for what no machine has decided here.
 */
export type Result = "pass" | "fail" | "accepted" | "not seen" | "open" | "not applicable";

export interface Finding {
	result: Result;
	/** Sentences a reviewer can follow up. */
	evidence: string[];
}
