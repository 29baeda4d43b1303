import type { ResourceValidation } from "@pulumi/policy";

/**
 * Marks a function in the same way as the SDK's `validateResourceOfType`. The SDK's function needs the class of the resource,
 * and loading the package of the provider would take longer than all rules.
 */
export function validationOfType(type: string, validate: ResourceValidation): ResourceValidation {
	return Object.assign(validate, { __pulumiType: type });
}
