// @pulumi/policy exports these two for tests and wrappers, but strips their declarations as internal.
// https://github.com/pulumi/pulumi-policy/blob/v1.21.0/sdk/nodejs/policy/proxy.ts
import "@pulumi/policy";

declare module "@pulumi/policy" {
	/** Thrown by reading a property that is unknown during preview. */
	export class UnknownValueError extends Error {
		/** Path of the property from the resource's root. */
		readonly props: (string | number)[];
	}
	/** Wraps properties so that reading an unknown throws {@link UnknownValueError}, as the policy runner does. */
	export function unknownCheckingProxy<T extends object>(properties: T): T;
}
