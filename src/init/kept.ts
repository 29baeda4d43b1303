/** What a stack file that is written anew keeps: a lost cluster token would lose the cluster. */
import { parse } from "yaml";
import { isSecretKey } from "../config/checks/exposed-secrets.ts";
import { configKey } from "../config/read/config-keys.ts";
import { holdsEncrypted, isEncrypted } from "../config/read/stack-file.ts";

/** Settings of Pulumi and secrets in a stack file. */
export interface Kept {
	/** Top-level keys other than `config`: the encryption. */
	top: Readonly<Record<string, unknown>>;
	/** Encrypted secrets of the program, by key without the project's name. */
	secrets: Readonly<Record<string, unknown>>;
	/** Settings of other packages, by their key in the file. */
	others: Readonly<Record<string, unknown>>;
}

/**
 * @param text a stack file
 * @returns what stays, and a sentence about each secret that cannot stay as it is
 */
export function keptOf(text: string, project: string): { kept: Kept; problems: string[] } {
	const { config, ...top } = (parse(text) ?? {}) as { config?: Record<string, unknown> };
	const secrets: Record<string, unknown> = {};
	const others: Record<string, unknown> = {};
	const problems: string[] = [];
	for (const [written, value] of Object.entries(config ?? {})) {
		const key = configKey(written, project);
		if (!key || key.namespace !== project) {
			others[written] = value;
		} else if (isSecretKey(key.name)) {
			if (isEncrypted(value)) {
				secrets[key.name] = value;
			} else {
				problems.push(`${written} is in clear text; encrypt it with \`pulumi config set --secret ${key.name}\``);
			}
		} else if (holdsEncrypted(value)) {
			problems.push(`${written} has an encrypted value, which no key of a section can have; remove it`);
		}
	}
	return { kept: { top, secrets, others }, problems };
}
