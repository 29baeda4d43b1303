/**
 * Whether a text has the form of a pattern, in which each `*` is any text, none included. The time grows with the length
 * of the text and no faster than with the number of stars, which a regular expression for the same does not keep.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
	const [first = "", ...parts] = pattern.split("*");
	const last = parts.pop();
	if (last === undefined) {
		return pattern === text;
	}
	const end = text.length - last.length;
	if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) {
		return false;
	}
	let at = first.length;
	return parts.every((part) => {
		const found = text.indexOf(part, at);
		at = found + part.length;
		return found >= 0 && at <= end;
	});
}
