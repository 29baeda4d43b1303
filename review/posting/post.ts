/** Posts a review as one comment of a pull request, which later pushes edit. */
import { type Comment, type Forge, forges } from "./forges.ts";
import { commentMarker, fenced, longestComment, notReviewed } from "./marker.ts";

export interface Target {
	/** `github`, `gitea` or `gitlab`. */
	forge: string;
	/** Address of the API, e.g. `https://api.github.com`. */
	api: string;
	/** `owner/name`, or the number of the project on GitLab. */
	project: string;
	/** Number of the pull request. */
	number: string;
	/** Digest of the proposed commit. */
	commit: string;
	token: string;
}

/**
 * The code of the pull request has written the text, so it is not trusted: its form is checked, and the comment says where the
 * text comes from. Without a text of that form the comment says so: nobody shall read the review of an earlier push as this one's.
 *
 * @param text absent if the job of the pull request has left no review
 * @returns a sentence about what was done
 * @throws Error in one sentence; without the token in it
 */
export async function postReview(text: string | undefined, target: Target): Promise<string> {
	const { commit } = target;
	if (!/^[0-9a-f]{40,64}$/.test(commit)) {
		throw new Error(`COMMIT is ${commit}; it has to be the digest of a commit.`);
	}
	const fault = text && faultOf(text, target);
	const said = await post(!text || fault ? withoutReview(fault, target) : commentOf(text, target), target);
	if (fault) {
		throw new Error(`${fault} ${said}`);
	}
	return said;
}

async function post(body: string, target: Target): Promise<string> {
	const forge = forges[target.forge];
	if (!forge) {
		throw new Error(`FORGE is ${target.forge}; allowed are ${Object.keys(forges).join(", ")}.`);
	}
	const own = (await ownComments(forge, target)).at(-1);
	if (own?.body === body) {
		return "The comment says this already.";
	}
	const { project, number } = target;
	await (own
		? request(target, forge, forge.edit, forge.comment(project, number, own.id), { body })
		: request(target, forge, "POST", forge.comments(project, number), { body }));
	return own ? "The comment was edited." : "The comment was written.";
}

/** @returns a sentence, if the text cannot be posted */
function faultOf(text: string, target: Target): string | undefined {
	if (!text.startsWith(`${commentMarker}\n`)) {
		return "The file is not a review of `npm run review -- --markdown FILE`: it does not begin with its marker.";
	}
	const { length } = commentOf(text, target);
	return length >= longestComment
		? `The review has ${length} characters; a comment has to have fewer than ${longestComment}.`
		: undefined;
}

function withoutReview(fault: string | undefined, { commit }: Target): string {
	const reason = fault ? `that can be posted. ${fault}` : "; its log says why.";
	return notReviewed(`The job of ${commit} has left no review${fault ? " " : ""}${reason}`);
}

/**
 * GitLab carries out the quick actions of a note, such as `/approve`, with the rights of the token's owner, but not those in a block
 * of code: https://docs.gitlab.com/user/project/quick_actions/
 */
function commentOf(text: string, { commit, forge }: Target): string {
	const origin = `The code of this pull request, at ${commit}, has written this review.\n`;
	const review = text.slice(commentMarker.length + 1);
	return `${commentMarker}\n${origin}${forge === "gitlab" ? fenced(review) : review}`;
}

async function ownComments(forge: Forge, target: Target): Promise<Comment[]> {
	const author = await authorIn(forge, target);
	const path = forge.comments(target.project, target.number);
	const all = new Map<number, Comment>();
	// Gitea gives every comment on every page: a page without a new one is the last.
	for (let page = 1, before = -1; before < all.size; page++) {
		before = all.size;
		const comments = (await request(target, forge, "GET", `${path}?per_page=100&page=${page}`)) as Comment[];
		for (const comment of comments) {
			all.set(comment.id, comment);
		}
	}
	return [...all.values()]
		.filter((comment) => forge.authorOf(comment) === author && comment.body.startsWith(commentMarker))
		.toSorted((a, b) => a.id - b.id);
}

async function authorIn(forge: Forge, target: Target): Promise<string> {
	const { author } = forge;
	if ("name" in author) {
		return author.name;
	}
	const user = (await request(target, forge, "GET", author.path)) as Record<string, string>;
	return user[author.field] ?? "";
}

async function request(
	{ api, token }: Target,
	forge: Forge,
	method: string,
	path: string,
	content?: object,
): Promise<unknown> {
	const response = await fetch(`${api}${path}`, {
		method,
		headers: { ...forge.login(token), ...(content ? { "Content-Type": "application/json" } : {}) },
		...(content ? { body: JSON.stringify(content) } : {}),
	});
	if (!response.ok) {
		throw new Error(`${method} ${path} was answered with ${response.status} ${response.statusText}.`);
	}
	return response.json();
}
