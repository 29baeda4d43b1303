/**
 * The inputs that a provider got for a creation, as far as its outputs show them. A provider repeats them there, and adds members that
 * nobody has set, which are empty.
 */
import { isObject } from "../reading/form.ts";

/**
 * Members that the provider or Proxmox chooses: the list of those that the provider itself has set, and of a cloud-init drive what follows
 * from the storage and the system. None of them says who may log in.
 */
const chosen: ReadonlySet<string> = new Set(["__defaults", "fileFormat", "type", "upgrade"]);

export type IsUnseen = (former: unknown, output: unknown) => boolean;

/**
 * @param former the input that a policy has received; it may be of another time
 * @param output the output of the same name
 * @param isUnseen whether an output says nothing about a part of the input
 * @returns the input that fits the output, in the form of the former one; nothing where the creation had none
 */
export function inputOfCreation(former: unknown, output: unknown, isUnseen: IsUnseen): unknown {
	if (isUnseen(former, output)) {
		return former;
	}
	if (isEmpty(output)) {
		return isEmpty(former) ? former : undefined;
	}
	if (Array.isArray(output)) {
		const elements = Array.isArray(former) ? former : [];
		return output.map((element, index) => inputOfCreation(elements[index], element, isUnseen));
	}
	if (!isObject(output)) {
		return output;
	}
	const members = isObject(former) ? former : {};
	const names = new Set([...Object.keys(members), ...Object.keys(output)]);
	return Object.fromEntries(
		[...names].flatMap((name) => {
			const value = chosen.has(name) ? members[name] : inputOfCreation(members[name], output[name], isUnseen);
			return value === undefined ? [] : [[name, value]];
		}),
	);
}

export function isEmpty(value: unknown): boolean {
	return value === undefined || value === null || value === "";
}
