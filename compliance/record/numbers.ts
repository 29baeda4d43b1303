/** The range of whole numbers that the schema of a key accepts, as a placeholder of the record has it. */
import { z } from "zod";
import { bareSchema } from "../../src/config/read/readable.ts";

/** @returns e.g. `1..65535`, or `0..` without an end; nothing for a schema of no whole number from 0 on */
export function rangeOf(schema: z.core.$ZodType): string | undefined {
	const bounds = boundsOf(schema);
	return bounds && `${bounds.least}..${bounds.most === Number.MAX_SAFE_INTEGER ? "" : bounds.most}`;
}

/** @returns the ends of the range; nothing for a schema of no whole number */
export function boundsOf(schema: z.core.$ZodType): { least: number; most: number } | undefined {
	const { type, minimum, exclusiveMinimum, maximum } = z.toJSONSchema(bareSchema(schema), {
		io: "input",
		unrepresentable: "any",
	}) as { type?: string; minimum?: number; exclusiveMinimum?: number; maximum?: number };
	if (type !== "integer") {
		return undefined;
	}
	const least = Math.max(0, minimum ?? 0, exclusiveMinimum === undefined ? 0 : exclusiveMinimum + 1);
	return { least, most: Math.min(maximum ?? Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER) };
}
