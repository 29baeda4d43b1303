/** Numbers that the program computes from one of a stack file, so that they are in a resource and not in the stack file. */
import { z } from "zod";
import { askingSeconds, deadlineSeconds } from "../../components/platform/network-check/network-check.ts";
import type { Key } from "./keys.ts";
import { boundsOf } from "./numbers.ts";

/** By the path of the key; each function grows with its argument. */
const computed: Readonly<Record<string, readonly ((number: number) => number)[]>> = {
	".platform.checks.timeoutSeconds": [
		(timeoutSeconds) => deadlineSeconds({ timeoutSeconds }),
		(timeoutSeconds) => askingSeconds({ timeoutSeconds }),
	],
};

/** @returns each number, with the range of its values in the place of the key's own */
export function computedFrom(
	{ path, schema }: Key,
	number: number,
): { number: number; path: string; schema: z.ZodInt }[] {
	return (computed[path] ?? []).map((compute, index) => {
		const { least, most } = boundsOf(schema)!;
		const range = z.int().min(compute(least)).max(compute(most));
		return { number: compute(number), path: `${path} (computed ${index + 1})`, schema: range };
	});
}
