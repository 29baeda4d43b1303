/** The policy pack: `pulumi preview --policy-pack policies`. */
import { PolicyPack } from "@pulumi/policy";
import { readRecord } from "./lib/record/known-resources.ts";
import { configurationProblems } from "./lib/rules/configuration.ts";
import type { Exception, RuleConfig } from "./lib/rules/violation.ts";
import { configurationPolicy, ownPolicies, toPulumiPolicies } from "./lib/sdk/pulumi-policy.ts";
import { onConfiguration } from "./lib/sdk/received-configuration.ts";
import { receiveResources } from "./lib/sdk/received-resources.ts";
import { profileNames, readProfile } from "./profiles/index.ts";
import { rules } from "./rules/index.ts";

let mistakes: string[] = [];
let configured: Record<string, RuleConfig> = {};
let remediate = true;
onConfiguration((config, levels) => {
	remediate = levels.remediate;
	configured = Object.fromEntries(
		Object.entries(config)
			.filter(([policy]) => levels.isOn(policy))
			.map(([policy, value]) => [policy, withoutShipped(policy, value)]),
	);
	mistakes = configurationProblems(config, rules, ownPolicies).map(({ key, message }) => `${key} ${message}`);
	// While the engine starts the program: the first resource then waits for no file.
	setImmediate(readRecord);
});

const profiles = profileNames.map(readProfile);

/** The exceptions of the pack's own profiles are for every lab: a lab that does not need one is not asked to remove it. */
function withoutShipped(policy: string, config: RuleConfig): RuleConfig {
	if (!config.exceptions?.length) {
		return config;
	}
	const shipped = new Set(
		profiles.flatMap((profile) => {
			const value = profile[policy] as RuleConfig | string | undefined;
			return typeof value === "object" ? (value.exceptions ?? []).map(asText) : [];
		}),
	);
	return { ...config, exceptions: config.exceptions.filter((exception) => !shipped.has(asText(exception))) };
}

/** The engine sends the members of an object in no order. */
function asText(exception: Exception): string {
	return JSON.stringify(Object.entries(exception).sort());
}

new PolicyPack(
	"rke2-lab",
	{
		displayName: "RKE2 on Proxmox VE",
		description: "CIS rules for the machines, the RKE2 configuration and the Kubernetes objects of the program.",
		enforcementLevel: "mandatory",
		policies: [
			configurationPolicy(() => mistakes.splice(0)),
			...toPulumiPolicies(
				rules,
				receiveResources(() => remediate),
				undefined,
				() => configured,
			),
		],
	},
	readProfile("lab"),
);
