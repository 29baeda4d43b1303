/** What holds of each control on one stack, and on what evidence. */
import type { Control } from "../../policies/benchmark/control.ts";
import { benchmark, controls, controlsDecidedBy } from "../../policies/benchmark/index.ts";
import { subjectOf } from "../../policies/lib/rules/exceptions.ts";
import type { Evidence, Rule } from "../../policies/lib/rules/rule.ts";
import type { Exception, Verdict, Violation } from "../../policies/lib/rules/violation.ts";
import type { Deviation } from "../charts/deviations.ts";
import type { Finding } from "./finding.ts";
import { byNodes, type Node } from "./nodes.ts";

export interface AssessedControl extends Finding {
	id: string;
	title: string;
	level: 1 | 2;
	decidedBy: string;
	/** Safeguards of other frameworks that the policies behind it serve; none where no policy decides. */
	serves: Evidence;
}

/** A rule that decides no control. */
export interface AssessedRule extends Finding {
	policy: string;
	title: string;
	/** Whether a violation blocks. */
	mandatory: boolean;
	serves: Evidence;
}

export interface AcceptedException extends Exception {
	policy: string;
	/** Where it is a deviation of a chart. */
	chart?: string;
}

export interface Assessment {
	/** Name and version. */
	benchmark: string;
	controls: AssessedControl[];
	beyond: AssessedRule[];
	exceptions: AcceptedException[];
}

/** What was found on one stack. */
export interface Observation {
	rules: readonly Rule[];
	/** Of the rules that were asked, by name. */
	verdicts: ReadonlyMap<string, Verdict>;
	/** Names of the rules that found something that they are about. */
	concerned: ReadonlySet<string>;
	/** Names of the rules of whose kind the stack declares nothing. */
	withoutSubject: ReadonlySet<string>;
	/** Names of the rules whose violations block. */
	mandatory: ReadonlySet<string>;
	/** Of the charts that the stack installs. `npm run policy:charts` finds out whether they are all of them. */
	deviations: readonly Deviation[];
	/** As `YYYY-MM-DD`: the day by which deviations expire. */
	today: string;
	/** Machines of the stack. */
	nodes: readonly Node[];
	/** What check-node.sh printed on the nodes; left out, its controls stay open. */
	live?: string;
}

export function assess(observation: Observation): Assessment {
	const { rules, verdicts, mandatory, deviations } = observation;
	const accepted = [...verdicts].flatMap(([policy, verdict]) =>
		[...new Set(verdict.accepted.map(({ exception }) => exception))].map((exception) => ({ policy, ...exception })),
	);
	return {
		benchmark: `${benchmark.name} ${benchmark.version}`,
		controls: Object.entries(controls).map(([id, control]) => ({
			id,
			title: control.title,
			level: control.level,
			...assessControl(id, control, observation),
			serves: servedBy(rules.filter(({ name }) => policiesOf(control).includes(name))),
		})),
		beyond: rules
			.filter(({ name }) => controlsDecidedBy(name).length === 0)
			.map((rule) => ({
				policy: rule.name,
				title: rule.description,
				mandatory: mandatory.has(rule.name),
				...byPolicies([rule.name], undefined, observation),
				serves: servedBy([rule]),
			})),
		exceptions: [...accepted, ...deviations],
	};
}

/** Whether somebody has to act: a control fails or was never seen, or a mandatory rule beyond the benchmark is violated. */
export function isRefused({ controls, beyond }: Assessment): boolean {
	return (
		controls.some(({ result }) => result === "fail" || result === "not seen") ||
		beyond.some(({ mandatory, result }) => mandatory && result === "fail")
	);
}

function assessControl(
	id: string,
	control: Control,
	observation: Observation,
): Pick<AssessedControl, "decidedBy" | "result" | "evidence"> {
	const { decidedBy } = control;
	if ("policies" in decidedBy) {
		const found = byPolicies(decidedBy.policies, id, observation);
		return { decidedBy: `policy ${decidedBy.policies.join(", ")}`, ...confirmed(found, id, observation) };
	}
	if ("live" in decidedBy) {
		return { decidedBy: `live check ${id}`, ...byNodes(id, observation.nodes, observation.live) };
	}
	return "person" in decidedBy
		? { decidedBy: "person", result: "open", evidence: [decidedBy.person] }
		: { decidedBy: "not applicable", result: "not applicable", evidence: [decidedBy.notApplicable] };
}

/** @param control id, or nothing for what a rule beyond the benchmark says */
function byPolicies(
	policies: readonly string[],
	control: string | undefined,
	{ rules, verdicts, concerned, withoutSubject, deviations, today }: Observation,
): Finding {
	const asked = policies.flatMap((policy) => verdicts.get(policy) ?? []);
	const breaks = (violation: Violation) => violation.control === undefined || violation.control === control;
	const ofCharts = deviations.filter(
		(deviation) => policies.includes(deviation.policy) && deviation.control === control,
	);
	const violations = [
		...asked.flatMap((verdict) => verdict.violations.filter(breaks).map(({ message }) => message)),
		...ofCharts
			.filter(({ expires }) => expires < today)
			.map((deviation) => `${acceptedSentence(deviation)} That day has passed.`),
	];
	if (violations.length > 0) {
		return { result: "fail", evidence: violations };
	}
	if (asked.length < policies.length) {
		return { result: "open", evidence: ["The profile switches the policy off."] };
	}
	const leftOut = asked.flatMap((verdict) => verdict.leftOut.filter(breaks));
	if (leftOut.length > 0) {
		return { result: "open", evidence: ["The profile leaves level 2 out.", ...leftOut.map(({ message }) => message)] };
	}
	const exceptions = asked.flatMap(({ accepted }) =>
		accepted.filter(({ violation }) => breaks(violation)).map(({ exception }) => exception),
	);
	const accepted = [...new Set(exceptions), ...ofCharts];
	if (accepted.length > 0) {
		return { result: "accepted", evidence: accepted.map(acceptedSentence) };
	}
	const unconcerned = policies.filter((policy) => !concerned.has(policy));
	const blind = unconcerned.filter((policy) => !withoutSubject.has(policy));
	if (blind.length > 0) {
		return { result: "not seen", evidence: [`The stack declares nothing that ${blind.join(", ")} could judge.`] };
	}
	const missing = unconcerned.map((policy) => {
		const { judges } = rules.find(({ name }) => name === policy)!;
		return `The stack declares no ${judges} for ${policy} to judge, beside those of the charts (npm run policy:charts).`;
	});
	return unconcerned.length === policies.length
		? { result: "not applicable", evidence: missing }
		: { result: "pass", evidence: ["No violation in a preview of the stack from nothing.", ...missing] };
}

function acceptedSentence(exception: Exception | Deviation): string {
	const { reason, expires } = exception;
	const subject = subjectOf(exception);
	const where = "chart" in exception ? `${subject} of the chart ${exception.chart}` : subject;
	return `${where} until ${expires}: ${reason}`;
}

/** What a policy says of the text counts as long as no node runs something else. */
function confirmed(decided: Finding, id: string, { nodes, live }: Observation): Finding {
	const found = byNodes(id, nodes, live);
	switch (found.result) {
		case "fail":
			return found;
		case "pass":
			return { ...decided, evidence: [...decided.evidence, ...found.evidence] };
		default:
			return decided;
	}
}

function policiesOf({ decidedBy }: Control): readonly string[] {
	return "policies" in decidedBy ? decidedBy.policies : [];
}

function servedBy(rules: readonly Rule[]): Evidence {
	const all = (framework: keyof Evidence) => [...new Set(rules.flatMap(({ evidence }) => evidence[framework]))].sort();
	return { cisControls: all("cisControls"), iso27001: all("iso27001"), nist80053: all("nist80053") };
}
