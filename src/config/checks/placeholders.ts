/** Placeholders from a document that still need a value. */
import { placeholderIn } from "../formats/placeholders.ts";
import type { Problem } from "../read/problems.ts";
import { textsOf } from "../read/walk.ts";
import type { StackConfig } from "../schema/stack.ts";

export function checkPlaceholders(stack: StackConfig): Problem[] {
	return textsOf(stack).flatMap(({ key, text }) => {
		const placeholder = placeholderIn(text);
		return placeholder === undefined
			? []
			: [{ key, message: `holds the placeholder ${placeholder}; replace it by its value.` }];
	});
}
