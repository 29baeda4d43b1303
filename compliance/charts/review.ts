/** The rules about Kubernetes objects over what a chart renders to, and over it together with what the program declares. */

import { type KubernetesObject, objectsIn, resourceOf } from "../../policies/lib/kubernetes/objects.ts";
import { applyExceptions } from "../../policies/lib/rules/exceptions.ts";
import { type Resource, UndecidableError } from "../../policies/lib/rules/resource.ts";
import { reviewObject, reviewStack, type Violation } from "../../policies/lib/rules/review.ts";
import type { ObjectRule, StackRule } from "../../policies/lib/rules/rule.ts";
import type { Deviation } from "./deviations.ts";
import { yamlMistake } from "./yaml-mistake.ts";

export type ChartRule = ObjectRule | StackRule;

export interface ChartReview {
	/** Sentences, each with the name of its policy in front. */
	violations: string[];
	/** The entries that match something, whether they have expired or not. */
	used: Set<Deviation>;
}

/**
 * @param manifest what `helm template` printed
 * @param deviations of every chart; those of others are left alone
 * @param today as `YYYY-MM-DD`
 * @param surroundings what the program declares beside the chart, for rules across objects
 * @throws Error in one sentence when the manifest is not YAML
 */
export function reviewChart(
	chart: string,
	manifest: string,
	rules: readonly ChartRule[],
	deviations: readonly Deviation[],
	today: string,
	surroundings: readonly Resource[] = [],
): ChartReview {
	const objects = objectsOfChart(manifest, chart);
	const review: ChartReview = { violations: [], used: new Set() };
	for (const rule of rules) {
		const own = deviations.filter((deviation) => deviation.chart === chart && deviation.policy === rule.name);
		for (const violation of violationsOf(rule, objects, surroundings)) {
			const { violations } = applyExceptions([violation], own, today);
			review.violations.push(...violations.map(({ message }) => `${rule.name}: ${message}`));
			for (const { exception } of applyExceptions([violation], own, anyDay).accepted) {
				review.used.add(exception as Deviation);
			}
		}
	}
	return review;
}

function objectsOfChart(manifest: string, chart: string): KubernetesObject[] {
	try {
		return objectsIn(manifest, chart);
	} catch (error) {
		if (error instanceof UndecidableError) {
			throw error;
		}
		throw new Error(`What ${chart} renders to is not YAML: ${yamlMistake(error as Error)}.`, { cause: error });
	}
}

/** What others declare is judged where they declare it: only what the chart has a part in counts. */
function violationsOf(
	rule: ChartRule,
	objects: readonly KubernetesObject[],
	surroundings: readonly Resource[],
): Violation[] {
	if ("checkObject" in rule) {
		return objects.flatMap((object) => reviewObject(rule, object));
	}
	const rendered = objects.map(resourceOf);
	const urns = new Set(rendered.map(({ urn }) => urn));
	return reviewStack(rule, [...surroundings, ...rendered]).filter(({ urn }) => urn === undefined || urns.has(urn));
}

/** Before every day on which an entry can expire. */
const anyDay = "";
