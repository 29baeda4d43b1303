/** Evaluates the rules about Kubernetes objects on the objects of a rendered chart. */

import { objectsIn, resourceOf } from "../../policies/lib/kubernetes/objects.ts";
import { evaluate } from "../../policies/lib/rules/evaluate.ts";
import { type Resource, UndecidableError } from "../../policies/lib/rules/resource.ts";
import type { ObjectRule, StackRule } from "../../policies/lib/rules/rule.ts";
import type { Violation } from "../../policies/lib/rules/violation.ts";
import type { Deviation } from "./deviations.ts";
import { yamlMistake } from "./yaml-mistake.ts";

export type ChartRule = ObjectRule | StackRule;

export interface ChartVerdict {
	/** Sentences, each with the name of its policy in front. */
	violations: string[];
	/** The entries that match something, whether they have expired or not. */
	used: Set<Deviation>;
}

/**
 * @param manifest output of `helm template`
 * @param deviations of every chart; those of others have no effect
 * @param today as `YYYY-MM-DD`
 * @param context resources that the program declares beside the chart, for rules across objects
 * @throws Error in one sentence when the manifest is not YAML
 */
export function evaluateObjects(
	chart: string,
	manifest: string,
	rules: readonly ChartRule[],
	deviations: readonly Deviation[],
	today: string,
	context: readonly Resource[] = [],
): ChartVerdict {
	const rendered = renderedObjects(manifest, chart);
	const urns = new Set(rendered.map(({ urn }) => urn));
	// The program's own resources are evaluated where the program declares them.
	const isOfChart = ({ urn }: Violation) => urn === undefined || urns.has(urn);
	const result: ChartVerdict = { violations: [], used: new Set() };
	for (const rule of rules) {
		const exceptions = deviations.filter((deviation) => deviation.chart === chart && deviation.policy === rule.name);
		const resources = "checkStack" in rule ? [...context, ...rendered] : rendered;
		const { violations } = evaluate(rule, resources, { exceptions }, today);
		result.violations.push(...violations.filter(isOfChart).map(({ message }) => `${rule.name}: ${message}`));
		for (const { violation, exception } of evaluate(rule, resources, { exceptions }, beforeAnyExpiry).accepted) {
			if (isOfChart(violation)) {
				result.used.add(exception as Deviation);
			}
		}
	}
	return result;
}

const beforeAnyExpiry = "";

function renderedObjects(manifest: string, chart: string): Resource[] {
	try {
		return objectsIn(manifest, chart).map((object, index) => resourceOf(object, `${chart} ${index}`));
	} catch (error) {
		if (error instanceof UndecidableError) {
			throw error;
		}
		throw new Error(`The objects of ${chart} are not YAML: ${yamlMistake(error as Error)}.`, { cause: error });
	}
}
