/** The first line of the comment. CI finds its own comment by it, and edits it. */
export const commentMarker = "<!-- rke2-lab review -->";

/** GitHub refuses a longer comment. GitLab and Gitea allow more. */
export const longestComment = 65_536;

/** The comment about a push without a review, in place of the review of an earlier one. */
export function notReviewed(reason: string): string {
	return [
		commentMarker,
		"### This push was not reviewed",
		"",
		fenced(reason, "text"),
		"Nothing is known about what it does to a cluster; a review of an earlier push says nothing about it.",
		"",
	].join("\n");
}

/** A block of code that the text cannot leave. */
export function fenced(text: string, language = ""): string {
	const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
	const fence = "`".repeat(longest + 1);
	return `${fence}${language}\n${text.replace(/\n?$/, "\n")}${fence}\n`;
}
