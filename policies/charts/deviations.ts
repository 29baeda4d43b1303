/** Where the charts differ from the rules on purpose, and whether the list of it is still right. */
import { parse } from "yaml";
import { z } from "zod";
import { controlsDecidedBy } from "../benchmark.ts";
import type { Exception } from "../lib/exceptions.ts";

export interface Deviation extends Exception {
	chart: string;
	policy: string;
	/** Id of a control that the policy decides, or `none`. */
	control: string;
}

const deviations = z.array(
	z.strictObject({
		chart: z.string(),
		policy: z.string(),
		control: z.string(),
		resources: z.array(z.string().min(1)).min(1),
		reason: z.string().min(10),
		expires: z.string().regex(/^\d{4}-\d{2}-\d{2}$/, { error: "must be a day as YYYY-MM-DD" }),
	}),
);

/**
 * One deviation for each of the resources of an entry.
 *
 * @param charts names that an entry may have
 * @param policies names that an entry may have
 * @throws Error in one sentence when an entry is incomplete, or names a chart, a policy or a control wrongly
 */
export function parseDeviations(text: string, charts: readonly string[], policies: readonly string[]): Deviation[] {
	const parsed = deviations.safeParse(parse(text));
	if (!parsed.success) {
		const [issue] = parsed.error.issues;
		throw new Error(`deviations.yaml: ${issue!.path.join(".")}: ${issue!.message}.`);
	}
	for (const { chart, policy, control } of parsed.data) {
		if (!charts.includes(chart)) {
			throw new Error(`deviations.yaml: ${chart} is no chart of the platform; allowed are ${charts.join(", ")}.`);
		}
		if (!policies.includes(policy)) {
			throw new Error(`deviations.yaml: ${policy} is no policy of the pack.`);
		}
		const decided = controlsDecidedBy(policy).map(({ id }) => id);
		if (control === "none" ? decided.length > 0 : !decided.includes(control)) {
			throw new Error(
				`deviations.yaml: ${policy} does not decide the control ${control}; allowed is ${decided.join(", ") || "none"}.`,
			);
		}
	}
	return parsed.data.flatMap(({ resources, ...deviation }) =>
		resources.map((resource) => ({ ...deviation, resource })),
	);
}
