/** The two profiles that derive from the controls of the rules, for `npm run docs`. */
import type { PolicyPackConfig } from "@pulumi/policy";
import { controlsOf, levelOf } from "../../policies/benchmark/index.ts";
import type { Rule } from "../../policies/lib/rules/rule.ts";

type Entry = PolicyPackConfig[string];

/**
 * A profile requires the rules that decide a control of its level, and advises those beyond the benchmark.
 *
 * @param level the highest profile level of the benchmark that counts
 * @param lab the profile `lab`: its exceptions hold here as well
 */
export function cisProfile(level: 1 | 2, rules: readonly Rule[], lab: PolicyPackConfig): PolicyPackConfig {
	return Object.fromEntries(rules.map((rule) => [rule.name, entryOf(rule, level, lab[rule.name])]));
}

function entryOf(rule: Rule, level: 1 | 2, ofLab: Entry | undefined): Entry {
	const enforcementLevel = levelAt(level, rule);
	const controlsAbove = controlsOf(rule).some((control) => control.level > level);
	if (enforcementLevel === "disabled") {
		return enforcementLevel;
	}
	const { exceptions } = (typeof ofLab === "object" ? ofLab : {}) as { exceptions?: object[] };
	return controlsAbove || exceptions
		? { enforcementLevel, ...(controlsAbove && { profileLevel: level }), ...(exceptions && { exceptions }) }
		: enforcementLevel;
}

function levelAt(level: 1 | 2, rule: Rule): "mandatory" | "advisory" | "disabled" {
	const required = levelOf(rule);
	if (required === undefined) {
		return rule.foundation ? "mandatory" : (rule.level ?? "advisory");
	}
	return required <= level ? "mandatory" : "disabled";
}

/** As the file in policies/profiles has it. */
export function profileText(profile: PolicyPackConfig): string {
	return `${JSON.stringify(profile, null, "\t")}\n`;
}
