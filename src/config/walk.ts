/** Every value of a stack file with the dotted key that leads to it. */
import { readableEntries } from "./readable.ts";

/** @returns depth first, in the order of the file; for each map also the names in it */
export function* walk(value: unknown, key = ""): Generator<{ key: string; name: string | undefined; value: unknown }> {
	if (typeof value !== "object" || value === null) {
		return;
	}
	for (const [name, inner] of readableEntries(value)) {
		const path = key === "" ? name : `${key}.${name}`;
		yield { key: path, name: Array.isArray(value) ? undefined : name, value: inner };
		yield* walk(inner, path);
	}
}

/** Every text of a stack file. */
export function textsOf(values: unknown): { key: string; text: string }[] {
	return [...walk(values)].flatMap(({ key, value }) => (typeof value === "string" ? [{ key, text: value }] : []));
}
