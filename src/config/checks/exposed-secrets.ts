/** Secrets in clear text, which everyone with access to the stack file or its repository can read. */
import type { Problem } from "../read/problems.ts";
import { credentialsIn, shortestSecret } from "../read/redaction.ts";
import { textsOf } from "../read/walk.ts";
import { type Secrets, secretsSchema } from "../schema/stack.ts";

/** @param keys the keys of the stack that are not encrypted, without the project's name */
export function secretsInClearText(keys: readonly string[]): Problem[] {
	return keys.filter(isSecretKey).map((key) => ({
		key,
		message: `is in clear text; create a new one, and set it with \`pulumi config set --secret ${key}\`.`,
	}));
}

export function isSecretKey(key: string): key is keyof Secrets {
	return Object.hasOwn(secretsSchema.shape, key);
}

/**
 * Secrets under keys that are not for secrets, recognised by their form or because they are known.
 *
 * @param values by key, without the project's name in front
 * @param known secrets of the stack in clear text
 */
export function exposedSecrets(values: unknown, known: readonly string[]): Problem[] {
	return textsOf(values).flatMap(({ key, text }) => {
		const isKnown = known.some((secret) => secret.length >= shortestSecret && text.includes(secret));
		const what = isKnown ? "one of the stack's secrets" : credentialsIn(text);
		return what
			? [
					{
						key,
						message: `holds ${what} in clear text, and everyone who reads the stack file has it; remove it, and create a new one.`,
					},
				]
			: [];
	});
}
