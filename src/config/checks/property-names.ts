/** Names of map entries that are properties of every object in JavaScript. */
import type { Problem } from "../read/problems.ts";
import { walk } from "../read/walk.ts";

const taken: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/**
 * The schema drops an entry with the name `__proto__`, and a look-up by such a name finds a function when there is no entry.
 * No node, namespace, label or registry needs one of these twelve names.
 *
 * @param values the plain keys of a stack file, before the schema has parsed them
 */
export function checkPropertyNames(values: unknown): Problem[] {
	return walk(values)
		.filter(({ name }) => name !== undefined && taken.has(name))
		.map(({ key, name }) => ({
			key,
			message: `the name ${name} is a property of every object in JavaScript; use another name.`,
		}));
}
