/** The policy pack: `pulumi preview --policy-pack policies`. */
import { PolicyPack } from "@pulumi/policy";
import { toPulumiPolicies } from "./lib/pulumi-policy.ts";
import { readProfile } from "./profiles.ts";
import { rules } from "./rules/index.ts";

new PolicyPack(
	"rke2-lab",
	{
		displayName: "RKE2 on Proxmox VE",
		description: "CIS rules for the machines, the RKE2 configuration and the Kubernetes objects of the program.",
		enforcementLevel: "mandatory",
		policies: toPulumiPolicies(rules),
	},
	readProfile("lab"),
);
