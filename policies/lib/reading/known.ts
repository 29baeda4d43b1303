import { UnknownValueError } from "@pulumi/policy";

/**
 * For an input that is an output of another resource by design, so that it may be unknown in the first preview of a stack.
 *
 * @returns nothing where the engine does not know the value yet
 */
export function whenKnown<Value>(read: () => Value): Value | undefined {
	try {
		return read();
	} catch (error) {
		if (error instanceof UnknownValueError) {
			return undefined;
		}
		throw error;
	}
}
