/** What a policy reads of a resource, as data. */
import { UnknownValueError, unknownCheckingProxy } from "@pulumi/policy";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc.js";
import { contentsOf } from "../../policies/lib/record/contents.ts";
import type { Resource } from "../../policies/lib/rules/resource.ts";

/**
 * The inputs with the texts in them taken apart, and the mark of the SDK in the place of a value that is unknown.
 *
 * @throws UndecidableError when a text is not what its place says
 */
export function readContents(resource: Resource): Record<string, unknown> {
	return copied(contentsOf({ ...resource, props: unknownCheckingProxy(resource.props) })) as Record<string, unknown>;
}

function copied(value: unknown): unknown {
	if (typeof value !== "object" || value === null) {
		return value;
	}
	if (Array.isArray(value)) {
		return Array.from({ length: value.length }, (_, index) => member(value, index));
	}
	return Object.fromEntries(Object.keys(value).map((name) => [name, member(value, name)]));
}

function member(container: object, name: string | number): unknown {
	try {
		return copied(Reflect.get(container, name));
	} catch (error) {
		if (error instanceof UnknownValueError) {
			return unknownValue;
		}
		throw error;
	}
}
