/** Placeholders in documents and examples, in the place of a value. */

/** No form matches across its own first character, so that the time grows linearly with the length of the text. */
const forms: readonly RegExp[] = [
	// Not the address in `Jane Doe <jane@lab.internal>`.
	/<[^<>@\n]*>/,
	/\$\{[^${}\n]*\}/,
	/\{\{[^{}\n]*\}\}/,
	/\b(?:change|replace)[-_]?me\b/i,
	/\b(?:TODO|FIXME|TBD)\b/,
	/\b0{8}-0{4}-0{4}-0{4}-0{12}\b/,
];

/** @returns the first placeholder in the text, such as `<tenant id>` */
export function placeholderIn(text: string): string | undefined {
	return forms.map((form) => form.exec(text)?.[0]).find((found) => found !== undefined);
}
