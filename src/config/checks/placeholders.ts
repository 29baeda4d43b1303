/** What was copied from a document and never filled in. */
import { placeholderIn } from "../placeholders.ts";
import type { Problem } from "../problems.ts";
import type { StackConfig } from "../schema.ts";
import { textsOf } from "../walk.ts";

export function checkPlaceholders(stack: StackConfig): Problem[] {
	return textsOf(stack).flatMap(({ key, text }) => {
		const placeholder = placeholderIn(text);
		return placeholder === undefined
			? []
			: [{ key, message: `holds the placeholder ${placeholder}; write the value that it stands for.` }];
	});
}
