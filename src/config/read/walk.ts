/** Every value of a stack file with the dotted key that leads to it. */
import { readableEntries } from "./readable.ts";

interface Step {
	key: string;
	/** Of an entry of a map; none for one of a list. */
	name: string | undefined;
	value: unknown;
}

/** @returns depth first, in the order of the file */
export function walk(values: unknown): Step[] {
	const steps: Step[] = [];
	const visit = (value: unknown, above: string): void => {
		if (typeof value !== "object" || value === null) {
			return;
		}
		for (const [name, inner] of readableEntries(value)) {
			const key = above === "" ? name : `${above}.${name}`;
			steps.push({ key, name: Array.isArray(value) ? undefined : name, value: inner });
			visit(inner, key);
		}
	};
	visit(values, "");
	return steps;
}

/** Every text of a stack file. */
export function textsOf(values: unknown): { key: string; text: string }[] {
	return walk(values).flatMap(({ key, value }) => (typeof value === "string" ? [{ key, text: value }] : []));
}
