/** The finding about a control or a rule on one stack. */

/**
 * `accepted` is a violation under an exception; `not seen` means that the stack declares no subject of the rule; `open` means
 * that a person or a running node has to decide.
 */
export type Result = "pass" | "fail" | "accepted" | "not seen" | "open" | "not applicable";

export interface Finding {
	result: Result;
	/** Sentences for a reviewer. */
	evidence: string[];
}
