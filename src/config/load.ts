/** The only place that reads the Pulumi configuration. */
import * as pulumi from "@pulumi/pulumi";
import * as config from "@pulumi/pulumi/runtime/config.js";
import { secretsInClearText } from "./exposed-secrets.ts";
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
	const secretValues = readKeys(Object.keys(secretsSchema.shape), (text) => text);
	const stack = parseStack(readKeys(Object.keys(stackSchema.shape), structured), Object.values(secretValues));
	const secrets = parseSecrets(secretValues, stack.value);
	const exposed = secretsInClearText(Object.keys(secretValues).filter((key) => !isEncrypted(key)));
	if (!stack.value || !secrets.value || exposed.length > 0) {
		// A RunError is printed without a stack trace: the mistake is in the stack file, not in the program.
		throw new pulumi.RunError(new ConfigurationError([...stack.problems, ...exposed, ...secrets.problems]).message);
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

/** The SDK keeps this for itself: `Config` uses it to warn of a secret that is read as plain text. */
function isEncrypted(key: string): boolean {
	const { isConfigSecret } = config as typeof config & { isConfigSecret: (key: string) => boolean };
	return isConfigSecret(`${pulumi.getProject()}:${key}`);
}

function readKeys<Value>(keys: string[], decode: (text: string) => Value): Record<string, Value> {
	const project = pulumi.getProject();
	return Object.fromEntries(
		keys.flatMap((key) => {
			const text = pulumi.runtime.getConfig(`${project}:${key}`);
			return text === undefined ? [] : [[key, decode(text)] as const];
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
