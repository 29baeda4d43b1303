/** The policy pack: `pulumi preview --policy-pack policies`. */
import { PolicyPack } from "@pulumi/policy";
import { configurationProblems } from "./lib/configuration.ts";
import type { RuleConfig } from "./lib/exceptions.ts";
import { configurationPolicy, ownPolicies, toPulumiPolicies } from "./lib/pulumi-policy.ts";
import { onConfiguration } from "./lib/received-configuration.ts";
import { onInputs } from "./lib/received-inputs.ts";
import type { Resource } from "./lib/resource.ts";
import { readProfile } from "./profiles.ts";
import { rules } from "./rules/index.ts";

let mistakes: string[] = [];
let configured: Record<string, RuleConfig> = {};
onConfiguration((config, isOn) => {
	configured = Object.fromEntries(Object.entries(config).filter(([policy]) => isOn(policy)));
	mistakes = configurationProblems(config, rules, ownPolicies).map(({ key, message }) => `${key} ${message}`);
});

const inputs = new Map<string, Resource>();
onInputs((resource) => inputs.set(resource.urn, resource));

new PolicyPack(
	"rke2-lab",
	{
		displayName: "RKE2 on Proxmox VE",
		description: "CIS rules for the machines, the RKE2 configuration and the Kubernetes objects of the program.",
		enforcementLevel: "mandatory",
		policies: [
			configurationPolicy(() => mistakes.splice(0)),
			...toPulumiPolicies(rules, inputs, undefined, () => configured),
		],
	},
	readProfile("lab"),
);
