/** What was copied from a document and never filled in. */
import { placeholderIn } from "../formats/placeholders.ts";
import type { Problem } from "../read/problems.ts";
import { textsOf } from "../read/walk.ts";
import type { StackConfig } from "../schema/stack.ts";

export function checkPlaceholders(stack: StackConfig): Problem[] {
	return textsOf(stack).flatMap(({ key, text }) => {
		const placeholder = placeholderIn(text);
		return placeholder === undefined
			? []
			: [{ key, message: `holds the placeholder ${placeholder}; write the value that it stands for.` }];
	});
}
