/** The only place that reads the Pulumi configuration. */
import * as pulumi from "@pulumi/pulumi";
import { allConfig } from "@pulumi/pulumi/runtime/config.js";
import { isConfigSecret } from "../../sdk/config-secrets.ts";
import { isSecretKey, secretsInClearText } from "../checks/exposed-secrets.ts";
import { warnings } from "../checks/warnings.ts";
import type { Secrets, StackConfig } from "../schema/stack.ts";
import { configKey, fromConfigText, misplacedKeys } from "./config-keys.ts";
import { parseSecrets, parseStack } from "./parse.ts";
import { ConfigurationError, type Problem } from "./problems.ts";

export interface LoadedStack {
	stack: StackConfig;
	secrets: { [key in keyof Secrets]: pulumi.Output<string> };
}

/**
 * Prints the warnings about the stack file.
 *
 * @throws pulumi.RunError with every mistake, before any resource is registered
 */
export function loadStack(): LoadedStack {
	const project = pulumi.getProject();
	const all = Object.entries(allConfig()).flatMap(([text, value]) => {
		const key = configKey(text, project);
		return key ? [{ ...key, value }] : [];
	});
	const own = all.filter(({ namespace }) => namespace === project);
	if (own.length === 0) {
		refuse([{ key: "stack file", message: `has no key of the project ${project} under config.` }]);
	}
	const ownSecrets = Object.fromEntries(
		own.filter(({ name }) => isSecretKey(name)).map(({ name, value }) => [name, value]),
	);
	const values = own
		.filter(({ name }) => !isSecretKey(name))
		.map(({ name, value }): [string, unknown] => [name, fromConfigText(value)]);
	const stack = parseStack(Object.fromEntries(values), {
		secrets: Object.values(ownSecrets),
		encrypted: own.map(({ name }) => name).filter((name) => isConfigSecret(`${project}:${name}`)),
	});
	const secrets = parseSecrets(ownSecrets, stack.value);
	const problems = [
		...stack.problems,
		...misplacedKeys(all, project),
		...secretsInClearText(Object.keys(ownSecrets).filter((name) => !isConfigSecret(`${project}:${name}`))),
		...secrets.problems,
	];
	if (!stack.value || !secrets.value || problems.length > 0) {
		return refuse(problems);
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

/** A RunError is printed without a stack trace: the mistake is in the stack file, not in the program. */
function refuse(problems: readonly Problem[]): never {
	throw new pulumi.RunError(new ConfigurationError(problems).message);
}
