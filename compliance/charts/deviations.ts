/** The list of accepted deviations: where charts violate rules on purpose. */
import { parseDocument } from "yaml";
import { controlsOf } from "../../policies/benchmark/index.ts";
import { displayed, type Form, formProblems, isObject } from "../../policies/lib/reading/form.ts";
import { currentDay, exceptionForm } from "../../policies/lib/rules/exceptions.ts";
import type { Rule } from "../../policies/lib/rules/rule.ts";
import type { Exception } from "../../policies/lib/rules/violation.ts";
import { yamlMistake } from "./yaml-mistake.ts";

export interface Deviation extends Omit<Exception, "role" | "setting"> {
	chart: string;
	policy: string;
	resource: string;
}

/**
 * One deviation for each of the resources of an entry.
 *
 * @param charts names that an entry may have
 * @param rules those whose names an entry may have
 * @param today as `YYYY-MM-DD`
 * @throws Error in one sentence when the text is not YAML or repeats a key, when an entry is incomplete, or names a chart, a policy or a control wrongly
 */
export function parseDeviations(
	text: string,
	charts: readonly string[],
	rules: readonly Rule[],
	today = currentDay(),
): Deviation[] {
	const entries = readList(text);
	if (!Array.isArray(entries)) {
		throw new Error(`deviations.yaml is ${displayed(entries)}; give a list.`);
	}
	return entries.flatMap((entry: unknown, index) => {
		const policy = isObject(entry) ? String(entry.policy) : "";
		const [problem] = formProblems(`[${index}]`, entry, entryForm(charts, rules, policy, today));
		if (problem) {
			throw new Error(`deviations.yaml: ${problem.key} ${problem.message}`);
		}
		const { resources, control, ...deviation } = entry as Entry;
		return resources.map((resource) => ({ ...deviation, resource, ...(control !== none && { control }) }));
	});
}

function readList(text: string): unknown {
	const document = parseDocument(text);
	const [error] = document.errors;
	if (error) {
		throw new Error(`deviations.yaml is not YAML: ${yamlMistake(error)}.`);
	}
	return document.toJS();
}

/** An entry as it is written. */
interface Entry extends Omit<Deviation, "resource"> {
	control: string;
	resources: string[];
}

/** The control of a policy that goes beyond the benchmark. */
const none = "none";

function entryForm(charts: readonly string[], rules: readonly Rule[], policy: string, today: string): Form {
	const rule = rules.find(({ name }) => name === policy);
	const decided: string[] = rule ? controlsOf(rule).map(({ id }) => id) : [];
	const controls = decided.length > 0 ? decided : [none];
	const { resource, control, reason, expires } = exceptionForm(controls, today);
	return {
		chart: {
			meaning: `a chart of the platform: ${charts.join(", ")}`,
			accepts: (value) => charts.includes(value as string),
		},
		policy: { meaning: "a policy of the pack", accepts: (value) => rules.some(({ name }) => name === value) },
		control: { meaning: control.meaning, accepts: control.accepts },
		resources: {
			meaning: `a list, each member ${resource.meaning}`,
			accepts: (value) => Array.isArray(value) && value.length > 0 && value.every(resource.accepts),
		},
		reason,
		expires,
	};
}
