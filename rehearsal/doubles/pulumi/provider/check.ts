/** Checks whether a type supports the inputs of a resource. */
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import type { z } from "zod";
import { holdsOtherMark, isUnknown, type Properties, plain, unknownValue, type Value } from "./values.ts";

/** One message for each unknown or wrong input. No message contains a value. */
export function problemsOf(schema: z.ZodType, inputs: Properties): provider.CheckFailure[] {
	const marked = Object.keys(inputs).filter((key) => holdsOtherMark(inputs[key]!));
	if (marked.length > 0) {
		return marked.map((key) =>
			failure(`the input ${key} holds an asset, an archive or a resource, which the double does not take`),
		);
	}
	const values = plain(inputs);
	return (schema.safeParse(values, { error: wording }).error?.issues ?? [])
		.filter((issue) => !isUnknownAt(values, issue.path))
		.flatMap((issue) => {
			if (issue.code === "unrecognized_keys") {
				return issue.keys.map((key) =>
					failure(`the double does not support the input ${[...issue.path, key].join(".")}`),
				);
			}
			return [failure(`the input ${issue.path.join(".")} ${issue.message}`)];
		});
}

/** The reason contains the name of the input. With `property` the engine would add the value, even of a secret. */
export function failure(reason: string): provider.CheckFailure {
	return new provider.CheckFailure().setReason(reason);
}

const shapeNames: Record<string, string> = {
	array: "a list",
	boolean: "true or false",
	number: "a number",
	object: "an object",
	record: "an object",
	string: "a text",
};

/** Continues "the input X ...". Messages of the schema take precedence. */
function wording(issue: z.core.$ZodRawIssue): string | undefined {
	if (issue.code === "invalid_type") {
		return issue.input === undefined ? "is missing" : `must be ${shapeNames[issue.expected]}`;
	}
	return issue.code === "invalid_value" ? `must be one of ${issue.values.join(", ")}` : undefined;
}

/** In a preview an unknown value has a marker instead of a value, and cannot be checked. */
function isUnknownAt(inputs: Properties, path: PropertyKey[]): boolean {
	let value: Value | undefined = inputs;
	for (const step of path) {
		if (value === unknownValue) {
			return true;
		}
		value = (value as Record<PropertyKey, Value> | undefined)?.[step];
	}
	return isUnknown(value);
}
