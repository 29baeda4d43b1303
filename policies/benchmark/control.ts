/** A control of the benchmark, and what can decide it where no rule does. */

export type Decision =
	/** A check on a running node, under the control's id in live/files.tsv. */
	| { live: "node files" }
	/** The task of a person, because no machine can decide it. */
	| { person: string }
	/** Why the control has no object in an RKE2 cluster. */
	| { notApplicable: string };

export interface Control {
	/** The demand of the control, in our own sentence. */
	title: string;
	/** Profile level of the benchmark: 1 is the base, 2 is defence in depth. */
	level: 1 | 2;
	/** Left out, rules of the pack decide: those that name the control. It holds when none of them is violated. */
	decidedBy?: Decision;
}

/** By control id, in the order of the benchmark. */
export type Section = Readonly<Record<string, Control>>;

/** RKE2 writes these files itself when it starts, so that only a running node shows them. */
export const nodeFiles: Decision = { live: "node files" };
