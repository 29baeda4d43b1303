/** The names under `config:` in a stack file, as Pulumi parses them. */

import { closest } from "../formats/suggestions.ts";
import { secretsSchema, stackSchema } from "../schema/stack.ts";
import type { Problem } from "./problems.ts";

export interface ConfigKey {
	/** A project, or the package of a provider. */
	namespace: string;
	name: string;
}

/**
 * `<name>`, `<namespace>:<name>` or the older `<namespace>:config:<name>`.
 * https://www.pulumi.com/docs/iac/concepts/config/#configuration-options
 *
 * @param project namespace of a key without one
 * @returns nothing for a name that Pulumi refuses
 */
export function configKey(text: string, project: string): ConfigKey | undefined {
	const parts = text.split(":");
	if (parts.length === 1) {
		return { namespace: project, name: text };
	}
	const [namespace = "", middle = "", name = middle] = parts;
	return parts.length === 2 || (parts.length === 3 && middle === "config") ? { namespace, name } : undefined;
}

/** Keys of another namespace that are meant for this project, by their name. Other keys belong to a provider. */
export function misplacedKeys(keys: readonly ConfigKey[], project: string): Problem[] {
	const own = [...Object.keys(stackSchema.shape), ...Object.keys(secretsSchema.shape)];
	return keys
		.filter(({ namespace }) => namespace !== project)
		.filter(({ namespace, name }) => own.includes(name) || closest(namespace, [project]))
		.map(({ namespace, name }) => ({
			key: `${namespace}:${name}`,
			message: `belongs to the project ${namespace || "without a name"}, but this one is ${project}, which never reads it; did you mean ${project}:${name}?`,
		}));
}

/** The value of a text from Pulumi, which is JSON when the value is a map or a list. */
export function fromConfigText(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}
