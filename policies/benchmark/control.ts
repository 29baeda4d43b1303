/** What a control of the benchmark is, and what can decide it. */

/** The one thing that decides a control. Nothing else may be claimed to. */
export type Decision =
	/** Rules of the pack, by name; the control holds when none of them is violated. */
	| { policies: readonly [string, ...string[]] }
	/** A check on a running node, under the control's id in live/files.tsv. */
	| { live: "node files" }
	/** What a person has to look after, because no machine can. */
	| { person: string }
	/** Why the control has no object in an RKE2 cluster. */
	| { notApplicable: string };

export interface Control {
	/** What the control asks for, in our words. */
	title: string;
	/** Profile level of the benchmark: 1 is the base, 2 is defence in depth. */
	level: 1 | 2;
	decidedBy: Decision;
}

/** By control id, in the order of the benchmark. */
export type Section = Readonly<Record<string, Control>>;

export function policy(...policies: [string, ...string[]]): Decision {
	return { policies };
}

/** RKE2 writes these files itself once it has started: only a running node can tell. */
export const nodeFiles: Decision = { live: "node files" };
