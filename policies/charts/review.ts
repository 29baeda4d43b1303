/** The rules about Kubernetes objects over what a chart renders to. */
import { applyExceptions } from "../lib/exceptions.ts";
import { objectsIn } from "../lib/kubernetes.ts";
import type { Violation } from "../lib/review.ts";
import type { ObjectRule } from "../lib/rule.ts";
import type { Deviation } from "./deviations.ts";

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
			const violations: Violation[] = [];
			rule.checkObject(object, (message) => violations.push({ message, subject: object.subject }));
			return violations;
		});
		for (const violation of found) {
			const candidates = own.filter((deviation) => isAbout(deviation, violation));
			const { violations } = applyExceptions([violation], candidates, today);
			review.violations.push(...violations.map(({ message }) => `${rule.name}: ${message}`));
			for (const { exception } of applyExceptions([violation], candidates, anyDay).accepted) {
				review.used.add(exception as Deviation);
			}
		}
	}
	return review;
}

/** Before every day on which an entry can expire. */
const anyDay = "";

/** A rule that decides several controls one by one says which in its sentence: to accept one is not to accept all. */
function isAbout({ control }: Deviation, { message }: Violation): boolean {
	const [, named] = /\(control ([\d.]+)\)/.exec(message) ?? [];
	return named === undefined || named === control;
}
