import type { ResourceValidation } from "@pulumi/policy";

/**
 * Marks a function as the SDK's `validateResourceOfType` does, which wants the class of the resource: loading the package of
 * the provider would take longer than all rules.
 */
export function validationOfType(type: string, validate: ResourceValidation): ResourceValidation {
	return Object.assign(validate, { __pulumiType: type });
}
