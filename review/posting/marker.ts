/** The first line of the comment. CI finds its own comment by it, and edits it. */
export const commentMarker = "<!-- rke2-lab review -->";

/** GitHub refuses a longer comment. GitLab and Gitea allow more. */
export const longestComment = 65_536;
