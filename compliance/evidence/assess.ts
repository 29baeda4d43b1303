/** The assessment of a stack: the result of each control, with its evidence. */
import type { Control } from "../../policies/benchmark/control.ts";
import { benchmark, type ControlId, controls } from "../../policies/benchmark/index.ts";
import { subjectOf } from "../../policies/lib/rules/exceptions.ts";
import type { Frameworks, Rule } from "../../policies/lib/rules/rule.ts";
import type { Exception, Verdict, Violation } from "../../policies/lib/rules/violation.ts";
import type { Deviation } from "../charts/deviations.ts";
import type { Applicability } from "./applicable.ts";
import type { Finding } from "./finding.ts";
import { byNodes, type Node } from "./nodes.ts";

export interface AssessedControl extends Finding {
	id: string;
	title: string;
	level: 1 | 2;
	decidedBy: string;
	/** Ids of other frameworks that the policies behind it serve; none where no policy decides. */
	serves: Frameworks;
}

/** A rule that decides no control. */
export interface AssessedRule extends Finding {
	policy: string;
	title: string;
	/** Whether a violation blocks. */
	mandatory: boolean;
	serves: Frameworks;
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

/** The results of one stack, before they are put together. */
export interface Observation {
	rules: readonly Rule[];
	/** Of the rules that the profile does not switch off, by name. */
	verdicts: ReadonlyMap<string, Verdict>;
	/** By name of the rule. */
	applicability: ReadonlyMap<string, Applicability>;
	/** Names of the rules whose violations block. */
	mandatory: ReadonlySet<string>;
	/** Of the charts that the stack installs. `npm run policy:charts` checks that the list is complete. */
	deviations: readonly Deviation[];
	/** As `YYYY-MM-DD`: the day by which deviations expire. */
	today: string;
	/** Machines of the stack. */
	nodes: readonly Node[];
	/** Output of check-node.sh on the nodes; left out, its controls stay open. */
	live?: string;
}

export function assess(observation: Observation): Assessment {
	const { rules, verdicts, mandatory, deviations } = observation;
	const accepted = [...verdicts].flatMap(([policy, verdict]) =>
		[...new Set(verdict.accepted.map(({ exception }) => exception))].map((exception) => ({ policy, ...exception })),
	);
	return {
		benchmark: `${benchmark.name} ${benchmark.version}`,
		controls: (Object.entries(controls) as [ControlId, Control][]).map(([id, control]) => ({
			id,
			title: control.title,
			level: control.level,
			...assessControl(id, control, observation),
			serves: servedBy(rulesFor(id, rules)),
		})),
		beyond: rules
			.filter((rule) => rule.controls.length === 0)
			.map((rule) => ({
				policy: rule.name,
				title: rule.description,
				mandatory: mandatory.has(rule.name),
				...byRules([rule], undefined, observation),
				serves: servedBy([rule]),
			})),
		exceptions: [...accepted, ...deviations],
	};
}

/** Whether the command ends with 1: a control fails or was not seen, or a mandatory rule beyond the benchmark is violated. */
export function isRefused({ controls, beyond }: Assessment): boolean {
	return (
		controls.some(({ result }) => result === "fail" || result === "not seen") ||
		beyond.some(({ mandatory, result }) => mandatory && result === "fail")
	);
}

function assessControl(
	id: ControlId,
	control: Control,
	observation: Observation,
): Pick<AssessedControl, "decidedBy" | "result" | "evidence"> {
	const { decidedBy } = control;
	if (decidedBy === undefined) {
		const deciding = rulesFor(id, observation.rules);
		const found = byRules(deciding, id, observation);
		return { decidedBy: `policy ${namesOf(deciding)}`, ...confirmed(found, id, observation) };
	}
	if ("live" in decidedBy) {
		return { decidedBy: `live check ${id}`, ...byNodes(id, observation.nodes, observation.live) };
	}
	return "person" in decidedBy
		? { decidedBy: "person", result: "open", evidence: [decidedBy.person] }
		: { decidedBy: "not applicable", result: "not applicable", evidence: [decidedBy.notApplicable] };
}

/** @param control id; left out for a rule beyond the benchmark */
function byRules(
	rules: readonly Rule[],
	control: string | undefined,
	{ verdicts, applicability, deviations, today }: Observation,
): Finding {
	if (rules.length === 0) {
		return { result: "not seen", evidence: ["No rule of the pack decides this control."] };
	}
	const evaluated = rules.flatMap(({ name }) => verdicts.get(name) ?? []);
	const breaks = (violation: Violation) => violation.control === undefined || violation.control === control;
	const ofCharts = deviations.filter(
		({ policy, control: broken }) => broken === control && rules.some(({ name }) => name === policy),
	);
	const violations = [
		...evaluated.flatMap((verdict) => verdict.violations.filter(breaks).map(({ message }) => message)),
		...ofCharts
			.filter(({ expires }) => expires < today)
			.map((deviation) => `${acceptedSentence(deviation)} That day has passed.`),
	];
	if (violations.length > 0) {
		return { result: "fail", evidence: violations };
	}
	if (evaluated.length < rules.length) {
		return { result: "open", evidence: ["The profile switches the policy off."] };
	}
	const leftOut = evaluated.flatMap((verdict) => verdict.leftOut.filter(breaks));
	if (leftOut.length > 0) {
		return { result: "open", evidence: ["The profile leaves level 2 out.", ...leftOut.map(({ message }) => message)] };
	}
	const exceptions = evaluated.flatMap(({ accepted }) =>
		accepted.filter(({ violation }) => breaks(violation)).map(({ exception }) => exception),
	);
	const accepted = [...new Set(exceptions), ...ofCharts];
	if (accepted.length > 0) {
		return { result: "accepted", evidence: accepted.map(acceptedSentence) };
	}
	const blind = rules.filter(({ name }) => applicability.get(name) === "not seen");
	if (blind.length > 0) {
		return { result: "not seen", evidence: [`The stack declares nothing that ${namesOf(blind)} could evaluate.`] };
	}
	const inapplicable = rules.filter(({ name }) => applicability.get(name) === "does not apply");
	const missing = inapplicable.map(
		({ name, subject }) =>
			`The stack declares no ${subject.plural} for ${name} to evaluate, beside those of the charts (npm run policy:charts).`,
	);
	return inapplicable.length === rules.length
		? { result: "not applicable", evidence: missing }
		: { result: "pass", evidence: ["No violation in a preview of the stack from nothing.", ...missing] };
}

function acceptedSentence(exception: Exception | Deviation): string {
	const { reason, expires } = exception;
	const subject = subjectOf(exception);
	const where = "chart" in exception ? `${subject} of the chart ${exception.chart}` : subject;
	return `${where} until ${expires}: ${reason}`;
}

/** The result of a policy, which reads text, counts as long as no node runs something else. */
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

function rulesFor(control: ControlId, rules: readonly Rule[]): Rule[] {
	return rules.filter((rule) => rule.controls.includes(control));
}

function namesOf(rules: readonly Rule[]): string {
	return rules.map(({ name }) => name).join(", ");
}

function servedBy(rules: readonly Rule[]): Frameworks {
	const all = (framework: keyof Frameworks) =>
		[...new Set(rules.flatMap(({ frameworks }) => frameworks[framework]))].sort();
	return { cisControls: all("cisControls"), iso27001: all("iso27001"), nist80053: all("nist80053") };
}
