/** The only place that reads the Pulumi configuration. */
import * as pulumi from "@pulumi/pulumi";
import { parseSecrets, parseStack } from "./parse.ts";
import { ConfigurationError } from "./problems.ts";
import { type Secrets, type StackConfig, secretsSchema, stackSchema } from "./schema.ts";
import { warnings } from "./warnings.ts";

export interface LoadedStack {
	stack: StackConfig;
	secrets: { [key in keyof Secrets]: pulumi.Output<string> };
}

/**
 * Warns of what the stack file had better not say.
 *
 * @throws pulumi.RunError with every mistake, before any resource is registered
 */
export function loadStack(): LoadedStack {
	const stack = parseStack(readKeys(Object.keys(stackSchema.shape), structured));
	const secrets = parseSecrets(
		readKeys(Object.keys(secretsSchema.shape), (text) => text),
		stack.value,
	);
	if (!stack.value || !secrets.value) {
		// A RunError is printed without a stack trace: the mistake is in the stack file, not in the program.
		throw new pulumi.RunError(new ConfigurationError([...stack.problems, ...secrets.problems]).message);
	}
	for (const { key, message } of warnings(stack.value)) {
		void pulumi.log.warn(`${key}: ${message}`);
	}
	return {
		stack: stack.value,
		secrets: Object.fromEntries(
			Object.entries(secrets.value).map(([key, value]) => [key, pulumi.secret(value)]),
		) as LoadedStack["secrets"],
	};
}

function readKeys(keys: string[], decode: (text: string) => unknown): Record<string, unknown> {
	const project = pulumi.getProject();
	return Object.fromEntries(
		keys.flatMap((key) => {
			const text = pulumi.runtime.getConfig(`${project}:${key}`);
			return text === undefined ? [] : [[key, decode(text)]];
		}),
	);
}

/** Structured values reach a program as JSON text; a scalar under the same key is left for the schema to refuse. */
function structured(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}
