/** Runs one rule of the pack as the policy that Pulumi gets, on resources as Pulumi's policy runner hands them over. */
import {
	type ReportViolation,
	type ResourceValidation,
	type StackValidationPolicy,
	unknownCheckingProxy,
} from "@pulumi/policy";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc.js";
import { toPulumiPolicies } from "../../policies/lib/pulumi-policy.ts";
import type { ResourceRule, StackRule } from "../../policies/lib/rule.ts";

/** A string that the engine does not know during preview. */
export const unknown: string = unknownValue;

export interface Given {
	type: string;
	name?: string;
	props: Record<string, unknown>;
	ignoreChanges?: string[];
}

/** @returns the violations, each as the text that a person reads below the rule's description */
export function violations(rule: ResourceRule, given: Given): string[] {
	const found: string[] = [];
	const [policy] = toPulumiPolicies([rule]) as { validateResource: ResourceValidation }[];
	policy!.validateResource({ ...policyResource(given), ...surroundings }, (message) => found.push(message));
	return found;
}

/** @returns the violations, each as `<name of the resource>: <text>` */
export function stackViolations(rule: StackRule, given: Given[]): string[] {
	const found: string[] = [];
	const report: ReportViolation = (message, urn) => found.push(`${urn?.split("::").at(-1)}: ${message}`);
	const [policy] = toPulumiPolicies([rule]) as StackValidationPolicy[];
	policy!.validateStack({ resources: given.map(policyResource), ...surroundings }, report);
	return found;
}

const options = {
	protect: false,
	aliases: [],
	customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
	additionalSecretOutputs: [],
};

const surroundings = {
	stackTags: new Map<string, string>(),
	getConfig: <T extends object>() => ({}) as T,
	notApplicable: (reason?: string): never => {
		throw new Error(reason);
	},
};

function policyResource({ type, name = "subject", props, ignoreChanges = [] }: Given) {
	return {
		type,
		name,
		urn: `urn:pulumi:lab::rke2-lab::${type}::${name}`,
		props: unknownCheckingProxy(props),
		opts: { ...options, ignoreChanges },
		dependencies: [],
		propertyDependencies: {},
		isType: () => false,
		asType: () => undefined,
	};
}
