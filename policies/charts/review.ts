/** The rules about Kubernetes objects over what a chart renders to. */
import { applyExceptions } from "../lib/exceptions.ts";
import { objectsIn } from "../lib/kubernetes.ts";
import type { ObjectRule } from "../lib/rule.ts";
import type { Deviation } from "./deviations.ts";

export interface ChartReview {
	/** Sentences, each with the name of its policy in front. */
	violations: string[];
	/** The entries that cover something. */
	used: Set<Deviation>;
}

/**
 * @param manifest what `helm template` printed
 * @param deviations of every chart; those of others are left alone
 * @param today as `YYYY-MM-DD`
 * @throws Error when the manifest is not YAML
 */
export function reviewChart(
	chart: string,
	manifest: string,
	rules: readonly ObjectRule[],
	deviations: readonly Deviation[],
	today: string,
): ChartReview {
	const objects = objectsIn(manifest, chart);
	const review: ChartReview = { violations: [], used: new Set() };
	for (const rule of rules) {
		const own = deviations.filter((deviation) => deviation.chart === chart && deviation.policy === rule.name);
		const found = objects.flatMap((object) => {
			const messages: string[] = [];
			rule.checkObject(object, (message) => messages.push(message));
			return messages.map((message) => ({ message, subject: object.subject }));
		});
		const { violations, accepted } = applyExceptions(found, own, today);
		review.violations.push(...violations.map(({ message }) => `${rule.name}: ${message}`));
		for (const { exception } of accepted) {
			review.used.add(exception as Deviation);
		}
	}
	return review;
}
