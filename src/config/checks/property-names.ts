/** Names of map entries that every object of JavaScript has already. */
import type { Problem } from "../read/problems.ts";
import { walk } from "../read/walk.ts";

const taken: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/**
 * The schema drops an entry that is called `__proto__`, and a look-up by such a name finds a function where there is no
 * entry. No node, namespace, label or registry needs one of these twelve names.
 *
 * @param values the plain keys of a stack file, before the schema has seen them
 */
export function checkPropertyNames(values: unknown): Problem[] {
	return walk(values)
		.filter(({ name }) => name !== undefined && taken.has(name))
		.map(({ key, name }) => ({
			key,
			message: `the name ${name} is one that every object of the program's language has already; use another name.`,
		}));
}
