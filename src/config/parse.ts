/** From the raw values of a stack file to a checked configuration, or every mistake at once. */
import type { z } from "zod";
import { checkGpus } from "./checks/gpus.ts";
import { checkLabels } from "./checks/labels.ts";
import { checkNamespaces } from "./checks/namespaces.ts";
import { checkNetworks } from "./checks/networks.ts";
import { checkNodes } from "./checks/nodes.ts";
import type { Problem } from "./problems.ts";
import { type Secrets, type StackConfig, secretsSchema, stackSchema } from "./schema.ts";

/** Either a value or at least one problem. */
export type Parsed<T> = { value: T; problems: [] } | { value: undefined; problems: Problem[] };

/** @param values the plain keys of a stack file, without the project's name in front */
export function parseStack(values: Record<string, unknown>): Parsed<StackConfig> {
	const { data, error } = stackSchema.safeParse(values);
	if (error) {
		return { value: undefined, problems: error.issues.flatMap((issue) => describe(issue, values)) };
	}
	// Rules across keys need well-formed values: they run on what the schema has accepted.
	const problems = [
		...checkNodes(data),
		...checkNetworks(data),
		...checkGpus(data),
		...checkNamespaces(data),
		...checkLabels(data),
	];
	return problems.length === 0 ? { value: data, problems: [] } : { value: undefined, problems };
}

/** @param values the secret keys in clear text, without the project's name in front; no problem repeats a value */
export function parseSecrets(values: Record<string, unknown>): Parsed<Secrets> {
	const { data, error } = secretsSchema.safeParse(values);
	if (!error) {
		return { value: data, problems: [] };
	}
	const problems = error.issues.map((issue) => {
		const key = issue.path.join(".");
		const missing = values[key] === undefined;
		return {
			key,
			message: missing ? `is missing; set it with \`pulumi config set --secret ${key}\`.` : `${requirement(issue)}.`,
		};
	});
	return { value: undefined, problems };
}

function describe(issue: z.core.$ZodIssue, values: Record<string, unknown>): Problem[] {
	const key = issue.path.join(".");
	if (issue.code === "unrecognized_keys") {
		return issue.keys.map((name) => ({
			key: [...issue.path, name].join("."),
			message: "is not a key of the stack file; docs/configuration.md lists them.",
		}));
	}
	if (issue.code === "invalid_key") {
		return issue.issues.map((inner) => ({ key, message: `the name ${inner.message}.` }));
	}
	const found = valueAt(values, issue.path);
	if (found === undefined) {
		return [{ key, message: "is missing." }];
	}
	return [{ key, message: `${requirement(issue)}, found ${JSON.stringify(found)}.` }];
}

function requirement(issue: z.core.$ZodIssue): string {
	switch (issue.code) {
		case "invalid_type":
			return `must be ${/^[aeio]/.test(issue.expected) ? "an" : "a"} ${issue.expected}`;
		case "invalid_value":
			return `must be one of ${issue.values.map(String).join(", ")}`;
		case "too_small":
			return issue.origin === "array"
				? `must have at least ${issue.minimum} entry`
				: `must be ${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}`;
		case "too_big":
			return `must be at most ${issue.maximum}`;
		default:
			return issue.message;
	}
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
	return path.reduce<unknown>(
		(value, part) => (typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined),
		input,
	);
}
