/** The policy pack: `pulumi preview --policy-pack policies`. */
import { PolicyPack } from "@pulumi/policy";
import { configurationProblems } from "./lib/configuration.ts";
import { configurationPolicy, ownPolicies, toPulumiPolicies } from "./lib/pulumi-policy.ts";
import { onConfiguration } from "./lib/received-configuration.ts";
import { readProfile } from "./profiles.ts";
import { rules } from "./rules/index.ts";

let mistakes: string[] = [];
onConfiguration((config) => {
	mistakes = configurationProblems(config, rules, ownPolicies).map(({ key, message }) => `${key} ${message}`);
});

new PolicyPack(
	"rke2-lab",
	{
		displayName: "RKE2 on Proxmox VE",
		description: "CIS rules for the machines, the RKE2 configuration and the Kubernetes objects of the program.",
		enforcementLevel: "mandatory",
		policies: [configurationPolicy(() => mistakes.splice(0)), ...toPulumiPolicies(rules)],
	},
	readProfile("lab"),
);
