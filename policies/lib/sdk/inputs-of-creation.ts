/**
 * The inputs that a provider got for a creation, as far as its outputs show them. A provider repeats them there, and adds members that
 * nobody has set, which are empty.
 */
import { isObject } from "../reading/form.ts";

/** Stands in an input for the members that the provider itself has set. */
const ownDefaults = "__defaults";

/**
 * @param former the input that a policy has received; it may be of another time
 * @param output the output of the same name
 * @param isUnknown whether a value is not known at preview; the former one stands in its place
 * @returns the input that fits the output, in the form of the former one
 */
export function inputOfCreation(former: unknown, output: unknown, isUnknown: (value: unknown) => boolean): unknown {
	if (isUnknown(output) || (isEmpty(output) && isEmpty(former))) {
		return former;
	}
	if (isEmpty(output)) {
		return undefined;
	}
	if (Array.isArray(output)) {
		const elements = Array.isArray(former) ? former : [];
		return output.map((element, index) => inputOfCreation(elements[index], element, isUnknown));
	}
	if (!isObject(output)) {
		return output;
	}
	const members = isObject(former) ? former : {};
	const names = new Set([...Object.keys(members), ...Object.keys(output)]);
	return Object.fromEntries(
		[...names].flatMap((name) => {
			const value = name === ownDefaults ? members[name] : inputOfCreation(members[name], output[name], isUnknown);
			return value === undefined ? [] : [[name, value]];
		}),
	);
}

function isEmpty(value: unknown): boolean {
	return value === undefined || value === null || value === "";
}
