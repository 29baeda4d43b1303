/** Evaluates the pack on a previewed stack, in this process: the result of Pulumi's policy runner, as data. */
import type { EnforcementLevel, PolicyPackConfig } from "@pulumi/policy";
import { unknownCheckingProxy } from "@pulumi/policy";
import { evaluate } from "../../policies/lib/rules/evaluate.ts";
import { currentDay } from "../../policies/lib/rules/exceptions.ts";
import { remediate } from "../../policies/lib/rules/remediate.ts";
import type { Resource } from "../../policies/lib/rules/resource.ts";
import type { ObjectRule, Rule } from "../../policies/lib/rules/rule.ts";
import type { RuleConfig, Verdict } from "../../policies/lib/rules/violation.ts";
import { inClearText } from "../../policies/lib/sdk/clear-text.ts";
import type { Declared } from "./preview.ts";

/** As a policy receives it: secrets in clear text. Unknown values are still their sentinel. */
export function toResource({
	type,
	name,
	urn,
	inputs,
	ignoreChanges,
	protect,
	additionalSecretOutputs = [],
}: Declared): Resource {
	return {
		type,
		name,
		urn,
		props: inClearText(inputs.toJavaScript()),
		opts: { ignoreChanges, protect, additionalSecretOutputs },
	};
}

/** The verdict of each rule on the stack, by the rule's name; none for a rule that the profile switches off. */
export function evaluateStack(
	rules: readonly Rule[],
	resources: readonly Resource[],
	profile: PolicyPackConfig,
	today = currentDay(),
): Map<string, Verdict> {
	const guarded = remediated(rules, resources, profile, today).map((resource) => ({
		...resource,
		props: unknownCheckingProxy(resource.props),
	}));
	const enabled = rules.filter((rule) => configOf(rule, profile).enforcementLevel !== "disabled");
	return new Map(enabled.map((rule) => [rule.name, evaluate(rule, guarded, configOf(rule, profile), today)]));
}

/** Names of the rules whose violations block. */
export function mandatoryRules(rules: readonly Rule[], profile: PolicyPackConfig): Set<string> {
	const blocking = rules.filter(
		(rule) => !["advisory", "disabled"].includes(configOf(rule, profile).enforcementLevel ?? rule.level ?? "mandatory"),
	);
	return new Set(blocking.map(({ name }) => name));
}

export function configOf(rule: Rule, profile: PolicyPackConfig): RuleConfig & { enforcementLevel?: EnforcementLevel } {
	const config = profile[rule.name] ?? {};
	return typeof config === "string" ? { enforcementLevel: config } : config;
}

function remediated(
	rules: readonly Rule[],
	resources: readonly Resource[],
	profile: PolicyPackConfig,
	today: string,
): readonly Resource[] {
	const changing = rules.filter(
		(rule): rule is ObjectRule => "remedies" in rule && configOf(rule, profile).enforcementLevel === "remediate",
	);
	return changing.length === 0
		? resources
		: resources.map((resource) => {
				const changed = structuredClone(resource);
				for (const rule of changing) {
					remediate(rule, changed, configOf(rule, profile).exceptions ?? [], today);
				}
				return changed;
			});
}
