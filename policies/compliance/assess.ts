/** What holds of each control on one stack, and on what evidence. */

import type { Control } from "../benchmark/control.ts";
import { benchmark, controls } from "../benchmark.ts";
import type { Exception, Verdict } from "../lib/exceptions.ts";

/** `accepted` is a violation under an exception; `open` is for what no machine has decided here. */
export type Result = "pass" | "fail" | "accepted" | "open" | "not applicable";

export interface AssessedControl {
	id: string;
	title: string;
	level: 1 | 2;
	decidedBy: string;
	result: Result;
	/** Sentences a reviewer can follow up. */
	evidence: string[];
}

export interface AcceptedException extends Exception {
	policy: string;
}

export interface Assessment {
	/** Name and version. */
	benchmark: string;
	controls: AssessedControl[];
	exceptions: AcceptedException[];
}

/**
 * @param verdicts of the rules that were asked, by name
 * @param live what check-node.sh printed on the nodes; left out, its controls stay open
 */
export function assess(verdicts: ReadonlyMap<string, Verdict>, live?: string): Assessment {
	return {
		benchmark: `${benchmark.name} ${benchmark.version}`,
		controls: Object.entries(controls).map(([id, control]) => ({
			id,
			title: control.title,
			level: control.level,
			...assessControl(id, control, verdicts, live),
		})),
		exceptions: [...verdicts].flatMap(([policy, { accepted }]) =>
			unique(accepted.map(({ exception }) => exception)).map((exception) => ({ policy, ...exception })),
		),
	};
}

function assessControl(
	id: string,
	{ decidedBy }: Control,
	verdicts: ReadonlyMap<string, Verdict>,
	live: string | undefined,
): Pick<AssessedControl, "decidedBy" | "result" | "evidence"> {
	if ("policies" in decidedBy) {
		const found = byPolicies(decidedBy.policies, verdicts);
		return { decidedBy: `policy ${decidedBy.policies.join(", ")}`, ...confirmed(found, id, live) };
	}
	if ("live" in decidedBy) {
		return { decidedBy: `live check ${id}`, ...byNodes(id, live) };
	}
	return "person" in decidedBy
		? { decidedBy: "person", result: "open", evidence: [decidedBy.person] }
		: { decidedBy: "not applicable", result: "not applicable", evidence: [decidedBy.notApplicable] };
}

type Finding = Pick<AssessedControl, "result" | "evidence">;

function byPolicies(policies: readonly string[], verdicts: ReadonlyMap<string, Verdict>): Finding {
	const asked = policies.map((policy) => verdicts.get(policy));
	if (asked.some((verdict) => verdict === undefined)) {
		return { result: "open", evidence: ["The profile switches the policy off."] };
	}
	const violations = asked.flatMap((verdict) => verdict!.violations.map(({ message }) => message));
	if (violations.length > 0) {
		return { result: "fail", evidence: violations };
	}
	const accepted = unique(asked.flatMap((verdict) => verdict!.accepted.map(({ exception }) => exception)));
	return accepted.length > 0
		? {
				result: "accepted",
				evidence: accepted.map(({ resource, reason, expires }) => `${resource} until ${expires}: ${reason}`),
			}
		: { result: "pass", evidence: ["No violation in a preview of the stack from nothing."] };
}

/** What a policy says of the text counts as long as no node runs something else. */
function confirmed(decided: Finding, id: string, live: string | undefined): Finding {
	const found = byNodes(id, live);
	switch (found.result) {
		case "fail":
			return found;
		case "pass":
			return { ...decided, evidence: [...decided.evidence, ...found.evidence] };
		default:
			return decided;
	}
}

/** One line per control and file or argument: `<control> <pass|fail|absent> <subject> <found>`. */
function byNodes(id: string, live: string | undefined): Finding {
	const lines = (live ?? "").split("\n").filter((line) => line.startsWith(`${id} `));
	const evidence = lines.filter((line) => !line.startsWith(`${id} absent `));
	if (evidence.length === 0) {
		return { result: "open", evidence: ["Run policies/live/check-node.sh on the nodes."] };
	}
	const failed = evidence.filter((line) => line.startsWith(`${id} fail `));
	return failed.length > 0 ? { result: "fail", evidence: failed } : { result: "pass", evidence };
}

function unique(exceptions: readonly Exception[]): Exception[] {
	return [...new Set(exceptions)];
}
