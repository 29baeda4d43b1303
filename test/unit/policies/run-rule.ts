/** Runs one rule of the pack as the policy that Pulumi gets, on resources as Pulumi's policy runner hands them over. */
import {
	type ReportViolation,
	type ResourceValidation,
	type StackValidationPolicy,
	unknownCheckingProxy,
} from "@pulumi/policy";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc.js";
import type { ObjectRule, ResourceRule, StackRule } from "../../../policies/lib/rules/rule.ts";
import type { Exception, RuleConfig } from "../../../policies/lib/rules/violation.ts";
import { toPulumiPolicies } from "../../../policies/lib/sdk/pulumi-policy.ts";

/** A string that the engine does not know during preview. */
export const unknown: string = unknownValue;

export interface Given {
	type: string;
	name?: string;
	props: Record<string, unknown>;
	ignoreChanges?: string[];
	protect?: boolean;
	additionalSecretOutputs?: string[];
}

export interface Circumstances {
	exceptions?: Exception[];
	/** As `YYYY-MM-DD`. */
	today?: string;
}

/** @returns the violations, each as the text that a person reads below the rule's description */
export function violations(
	rule: ResourceRule | ObjectRule,
	given: Given,
	{ exceptions = [], today = "2026-12-01" }: Circumstances = {},
): string[] {
	const found: string[] = [];
	const resource = policyResource(given);
	const received = { one: () => resource, stack: () => [resource], replaced: () => [] };
	const [policy] = toPulumiPolicies([rule], received, today) as { validateResource: ResourceValidation }[];
	policy!.validateResource({ ...resource, props: {}, ...context({ exceptions }) }, (message) => found.push(message));
	return found;
}

/** @returns the violations, each as `<name of the resource>: <text>` */
export function stackViolations(rule: StackRule, given: Given[]): string[] {
	const found: string[] = [];
	const report: ReportViolation = (message, urn) => found.push(`${urn?.split("::").at(-1)}: ${message}`);
	const resources = given.map(policyResource);
	const received = { one: () => resources[0]!, stack: () => resources, replaced: () => [] };
	const [policy] = toPulumiPolicies([rule], received) as StackValidationPolicy[];
	policy!.validateStack({ resources: [], ...context({}) }, report);
	return found;
}

const options = {
	aliases: [],
	customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
};

const context = (config: RuleConfig) => ({
	stackTags: new Map<string, string>(),
	getConfig: <T extends object>() => config as T,
	notApplicable: (reason?: string): never => {
		throw new Error(reason);
	},
});

function policyResource({
	type,
	name = "subject",
	props,
	ignoreChanges = [],
	protect = false,
	additionalSecretOutputs = [],
}: Given) {
	return {
		type,
		name,
		urn: `urn:pulumi:lab::rke2-lab::${type}::${name}`,
		props: unknownCheckingProxy(props),
		opts: { ...options, ignoreChanges, protect, additionalSecretOutputs },
		dependencies: [],
		propertyDependencies: {},
		isType: () => false,
		asType: () => undefined,
	};
}
