/** HTML in which every value is text: only this template makes markup. */

/** Markup. A string never counts as markup. */
export class Html {
	readonly text: string;

	constructor(text: string) {
		this.text = text;
	}
}

type Value = Html | string | number | undefined | readonly Value[];

/** A template whose values are escaped, also within quoted attributes. A list is joined, and `undefined` is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
	return new Html(String.raw({ raw: strings }, ...values.map(markup)));
}

function markup(value: Value): string {
	if (value instanceof Html) {
		return value.text;
	}
	if (Array.isArray(value)) {
		return value.map(markup).join("");
	}
	return value === undefined ? "" : escaped(String(value));
}

/** https://html.spec.whatwg.org/multipage/parsing.html: of text and of attributes in double quotes, and U+0000, which HTML refuses. */
function escaped(text: string): string {
	return text.replaceAll("\0", "\uFFFD").replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A sentence whose commands and keys stand between backticks. */
export function prose(sentence: string): Html {
	const parts = sentence.split("`");
	// Without its partner, a backtick is a character like others.
	return parts.length % 2 === 0
		? html`${sentence}`
		: html`${parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
