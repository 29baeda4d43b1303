/**
 * Whether a text matches a pattern in which each `*` is any text, also an empty one. The time grows linearly with the text
 * and with the number of stars; that of a regular expression could grow exponentially.
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
