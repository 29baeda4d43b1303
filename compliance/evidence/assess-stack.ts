/** The assessment of the resources that a stack declares. */
import { readFileSync } from "node:fs";
import type { PolicyPackConfig } from "@pulumi/policy";
import { helmRelease } from "../../policies/lib/helm/releases.ts";
import type { Resource } from "../../policies/lib/rules/resource.ts";
import type { Verdict } from "../../policies/lib/rules/violation.ts";
import { rules } from "../../policies/rules/index.ts";
import { chartRepositories } from "../../src/facts/add-ons.ts";
import { parseDeviations } from "../charts/deviations.ts";
import { evaluateStack, mandatoryRules } from "../evaluation/evaluate-stack.ts";
import { applicabilityOf } from "./applicable.ts";
import { type Assessment, assess } from "./assess.ts";
import { nodesOf } from "./nodes.ts";

/**
 * @param today as `YYYY-MM-DD`: the day by which exceptions and deviations expire
 * @param live output of check-node.sh
 * @returns the assessment, and the verdicts behind it by the name of their rule
 */
export function assessStack(
	resources: readonly Resource[],
	profile: PolicyPackConfig,
	today: string,
	live?: string,
): { assessment: Assessment; verdicts: ReadonlyMap<string, Verdict> } {
	const installed = new Set(resources.filter(({ type }) => type === helmRelease).map(({ props }) => props.chart));
	const deviations = parseDeviations(
		readFileSync(new URL("../charts/deviations.yaml", import.meta.url), "utf8"),
		Object.keys(chartRepositories),
		rules.filter((rule) => !("checkResource" in rule)),
		today,
	);
	const verdicts = evaluateStack(rules, resources, profile, today);
	const assessment = assess({
		rules,
		verdicts,
		applicability: new Map(rules.map((rule) => [rule.name, applicabilityOf(rule, resources)])),
		mandatory: mandatoryRules(rules, profile),
		deviations: deviations.filter(({ chart }) => installed.has(chart)),
		today,
		nodes: nodesOf(resources),
		...(live === undefined ? {} : { live }),
	});
	return { assessment, verdicts };
}
