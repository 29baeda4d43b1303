/** The range of whole numbers that the schema of a key accepts, as a placeholder of the record has it. */
import { z } from "zod";
import { bareSchema } from "../../src/config/read/readable.ts";

/** @returns e.g. `1..65535`, or `0..` without an end; nothing for a schema of no whole number from 0 on */
export function rangeOf(schema: z.core.$ZodType): string | undefined {
	const { type, minimum, exclusiveMinimum, maximum } = z.toJSONSchema(bareSchema(schema), {
		io: "input",
		unrepresentable: "any",
	}) as { type?: string; minimum?: number; exclusiveMinimum?: number; maximum?: number };
	if (type !== "integer") {
		return undefined;
	}
	const least = Math.max(0, minimum ?? 0, exclusiveMinimum === undefined ? 0 : exclusiveMinimum + 1);
	return `${least}..${maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? "" : maximum}`;
}
