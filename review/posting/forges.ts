/** The comments of a pull request on GitHub, Gitea and GitLab. */

export interface Forge {
	/** Header with the token. */
	login(token: string): Record<string, string>;
	/** The name under which the comments of this token appear, or the address that tells it. */
	author: { name: string } | { path: string; field: string };
	/** Paths under the address of the API. `project` and `number` name the pull request. */
	comments(project: string, number: string): string;
	comment(project: string, number: string, id: number): string;
	edit: "PATCH" | "PUT";
	/** Member of a comment with its author. */
	authorOf(comment: Comment): string | undefined;
}

export interface Comment {
	id: number;
	body: string;
	user?: { login?: string };
	author?: { username?: string };
}

/** https://docs.github.com/en/rest/issues/comments; Gitea has the same paths. */
const issues = {
	comments: (project: string, number: string) => `/repos/${project}/issues/${number}/comments`,
	comment: (project: string, _: string, id: number) => `/repos/${project}/issues/comments/${id}`,
	edit: "PATCH",
	authorOf: ({ user }: Comment) => user?.login,
} as const;

export const forges: Readonly<Record<string, Forge>> = {
	// The token of a workflow may not ask for its own user.
	github: {
		...issues,
		login: (token) => ({ Authorization: `Bearer ${token}` }),
		author: { name: "github-actions[bot]" },
	},
	gitea: {
		...issues,
		login: (token) => ({ Authorization: `token ${token}` }),
		author: { path: "/user", field: "login" },
	},
	// https://docs.gitlab.com/api/notes/#merge-requests
	gitlab: {
		login: (token) => ({ "PRIVATE-TOKEN": token }),
		author: { path: "/user", field: "username" },
		comments: (project, number) => `/projects/${encodeURIComponent(project)}/merge_requests/${number}/notes`,
		comment: (project, number, id) => `/projects/${encodeURIComponent(project)}/merge_requests/${number}/notes/${id}`,
		edit: "PUT",
		authorOf: ({ author }) => author?.username,
	},
};
