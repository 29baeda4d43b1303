/** The pack over a previewed stack, in this process: what Pulumi's policy runner would say, as data. */
import type { EnforcementLevel, PolicyPackConfig } from "@pulumi/policy";
import { unknownCheckingProxy } from "@pulumi/policy";
import { applyExceptions, currentDay, type RuleConfig, type Verdict } from "../../policies/lib/rules/exceptions.ts";
import { isLeftOut } from "../../policies/lib/rules/profile-level.ts";
import type { Resource } from "../../policies/lib/rules/resource.ts";
import { reviewResource, reviewStack } from "../../policies/lib/rules/review.ts";
import type { ObjectRule, Rule } from "../../policies/lib/rules/rule.ts";
import { inClearText } from "../../policies/lib/sdk/clear-text.ts";
import { remediate } from "../../policies/lib/sdk/remediate.ts";
import type { Declared } from "./preview.ts";

/** A resource whose inputs are still plain data, with unknown values by their sentinel. */
export type PlainResource = Omit<Resource, "props"> & { props: Record<string, unknown> };

/** As a policy gets it: secrets in clear text. */
export function toResource({ type, name, urn, inputs, ignoreChanges, protect }: Declared): PlainResource {
	return { type, name, urn, props: inClearText(inputs), opts: { ignoreChanges, protect } };
}

/** What each rule says about the stack, by the rule's name; nothing for a rule that the profile switches off. */
export function judge(
	rules: readonly Rule[],
	resources: readonly PlainResource[],
	profile: PolicyPackConfig,
	today = currentDay(),
): Map<string, Verdict> {
	const guarded = remediated(rules, resources, profile, today).map((resource) => ({
		...resource,
		props: unknownCheckingProxy(resource.props),
	}));
	const verdicts = new Map<string, Verdict>();
	for (const rule of rules) {
		const config = configOf(rule, profile);
		if (config.enforcementLevel === "disabled") {
			continue;
		}
		const found =
			"checkStack" in rule ? reviewStack(rule, guarded) : guarded.flatMap((resource) => reviewResource(rule, resource));
		const leftOut = found.filter((violation) => isLeftOut(violation, config));
		const counting = found.filter((violation) => !leftOut.includes(violation));
		verdicts.set(rule.name, { ...applyExceptions(counting, config.exceptions ?? [], today), leftOut });
	}
	return verdicts;
}

/** Names of the rules whose violations block. */
export function mandatoryRules(rules: readonly Rule[], profile: PolicyPackConfig): Set<string> {
	const blocking = rules.filter(
		(rule) => !["advisory", "disabled"].includes(configOf(rule, profile).enforcementLevel ?? rule.level ?? "mandatory"),
	);
	return new Set(blocking.map(({ name }) => name));
}

function configOf(rule: Rule, profile: PolicyPackConfig): RuleConfig & { enforcementLevel?: EnforcementLevel } {
	const config = profile[rule.name] ?? {};
	return typeof config === "string" ? { enforcementLevel: config } : config;
}

function remediated(
	rules: readonly Rule[],
	resources: readonly PlainResource[],
	profile: PolicyPackConfig,
	today: string,
): readonly PlainResource[] {
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
