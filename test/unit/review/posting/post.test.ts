/** The job that posts a review, against servers that answer as the three forges do. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { commentMarker } from "../../../../review/posting/marker.ts";

const commit = "c".repeat(40);
const text = `${commentMarker}\n### Stack lab\n`;
const origin = `${commentMarker}\nThe code of this pull request, at ${commit}, has written this review.\n`;
/** GitLab gets a block of code, in which it carries out no quick actions. */
const postedOn = (forge: string) =>
	forge === "gitlab" ? `${origin}\`\`\`\n### Stack lab\n\`\`\`\n` : `${origin}### Stack lab\n`;

interface Stored {
	id: number;
	body: string;
	user: { login: string };
	author: { username: string };
}

let directory: string;
let server: Server;
let comments: Stored[];
let requests: string[];
let headers: IncomingMessage["headers"];

const stored = (id: number, body: string, name: string): Stored => ({
	id,
	body,
	user: { login: name },
	author: { username: name },
});

beforeEach(async () => {
	directory = mkdtempSync(join(tmpdir(), "posting-"));
	comments = [];
	requests = [];
	server = createServer(async (request, response) => {
		headers = request.headers;
		let body = "";
		for await (const chunk of request) {
			body += chunk;
		}
		const path = request.url!.replace(/\?.*/, "");
		requests.push(`${request.method} ${path}`);
		const page = Number(/[?&]page=(\d+)/.exec(request.url!)?.[1] ?? 1);
		response.setHeader("Content-Type", "application/json");
		if (path === "/user") {
			response.end(JSON.stringify({ login: "robot", username: "robot" }));
		} else if (request.method === "GET") {
			response.end(JSON.stringify(comments.slice((page - 1) * 100, page * 100)));
		} else {
			const { body: content } = JSON.parse(body) as { body: string };
			const known = comments.find(({ id }) => path.endsWith(`/${id}`));
			if (known) {
				known.body = content;
			} else {
				comments.push(stored(1000 + comments.length, content, "robot"));
			}
			response.end("{}");
		}
	});
	await new Promise<void>((resolve) => {
		server.listen(0, "127.0.0.1", resolve);
	});
});
afterEach(() => {
	server.close();
	rmSync(directory, { recursive: true });
});

/** @returns exit code, standard output, standard error */
function post(
	forge: string,
	content: string | null = text,
	environment: Record<string, string> = {},
): Promise<[number, string, string]> {
	const file = join(directory, "review.md");
	rmSync(file, { force: true });
	if (content !== null) {
		writeFileSync(file, content);
	}
	const { port } = server.address() as AddressInfo;
	const child = spawn(process.execPath, ["review/posting/main.ts", file], {
		env: {
			FORGE: forge,
			API: `http://127.0.0.1:${port}`,
			PROJECT: "owner/name",
			NUMBER: "7",
			COMMIT: commit,
			POSTING_TOKEN: "hidden",
			...environment,
		},
	});
	const output = ["", ""];
	child.stdout.on("data", (chunk) => {
		output[0] += chunk;
	});
	child.stderr.on("data", (chunk) => {
		output[1] += chunk;
	});
	return new Promise((resolve) => {
		child.on("close", (code) => resolve([code ?? -1, output[0]!, output[1]!]));
	});
}

describe.each([
	[
		"github",
		"/repos/owner/name/issues/7/comments",
		"/repos/owner/name/issues/comments/5",
		"PATCH",
		"github-actions[bot]",
	],
	["gitea", "/repos/owner/name/issues/7/comments", "/repos/owner/name/issues/comments/5", "PATCH", "robot"],
	[
		"gitlab",
		"/projects/owner%2Fname/merge_requests/7/notes",
		"/projects/owner%2Fname/merge_requests/7/notes/5",
		"PUT",
		"robot",
	],
])("on %s", (forge, list, own, edit, author) => {
	test("the first push writes a comment that says who wrote the text", async () => {
		expect(await post(forge)).toEqual([0, "The comment was written.\n", ""]);
		expect(requests.at(-1)).toBe(`POST ${list}`);
		expect(comments.map(({ body }) => body)).toEqual([postedOn(forge)]);
		expect(headers.authorization ?? headers["private-token"]).toMatch(/^(?:Bearer |token |)hidden$/);
	});

	test("the next push edits that comment, and no comment of another person", async () => {
		comments = [
			...Array.from({ length: 120 }, (_, index) => stored(10 + index, "text", "person")),
			stored(3, `${commentMarker}\nforged`, "person"),
			stored(5, `${commentMarker}\nold`, author),
		];
		expect(await post(forge)).toEqual([0, "The comment was edited.\n", ""]);
		expect(requests.at(-1)).toBe(`${edit} ${own}`);
		expect(comments.find(({ id }) => id === 5)?.body).toBe(postedOn(forge));
		expect(await post(forge)).toEqual([0, "The comment says this already.\n", ""]);
	});
});

test("a review cannot leave its block of code on GitLab", async () => {
	await post("gitlab", `${text}\`\`\`\n/approve\n\`\`\`\`\n/merge`);
	expect(comments[0]!.body).toBe(
		`${origin}\`\`\`\`\`\n### Stack lab\n\`\`\`\n/approve\n\`\`\`\`\n/merge\n\`\`\`\`\`\n`,
	);
});

/** The comment about a push without a review. */
const without = (reason: string) =>
	`${commentMarker}\n### This push was not reviewed\n\n\`\`\`text\nThe job of ${commit} has left no review${reason}\n\`\`\`\n\nNothing is known about what it does to a cluster; a review of an earlier push says nothing about it.\n`;

test.each(["github", "gitea", "gitlab"])(
	"without a review, the comment of an earlier push on %s says so",
	async (forge) => {
		const author = forge === "github" ? "github-actions[bot]" : "robot";
		for (const content of [null, ""]) {
			comments = [stored(5, `${commentMarker}\nold`, author)];
			expect(await post(forge, content)).toEqual([0, "The comment was edited.\n", ""]);
			expect(comments.map(({ body }) => body)).toEqual([without("; its log says why.")]);
		}
	},
);

test("a text that is no review is not posted, and the comment says so", async () => {
	const fault = "The file is not a review of `npm run review -- --markdown FILE`: it does not begin with its marker.";
	comments = [stored(5, `${commentMarker}\nold`, "github-actions[bot]")];
	expect(await post("github", "hello\n")).toEqual([1, "", `${fault} The comment was edited.\n`]);
	expect(comments.map(({ body }) => body)).toEqual([without(` that can be posted. ${fault}`)]);
	expect((await post("github", `${text}${"x".repeat(65_536)}`))[2]).toMatch(
		/^The review has \d+ characters; a comment has/,
	);
	comments = [];
	expect((await post("github", text, { COMMIT: "main; rm" }))[2]).toBe(
		"COMMIT is main; rm; it has to be the digest of a commit.\n",
	);
	expect((await post("sourceforge"))[2]).toBe("FORGE is sourceforge; allowed are github, gitea, gitlab.\n");
	expect(await post("github", text, { POSTING_TOKEN: "" })).toEqual([
		2,
		"",
		"POSTING_TOKEN is missing in the environment.\n",
	]);
	expect(comments).toEqual([]);
});

test("a refused request names the request, and not the token", async () => {
	server.removeAllListeners("request");
	server.on("request", (_, response) => {
		response.statusCode = 403;
		response.end();
	});
	expect(await post("github")).toEqual([
		1,
		"",
		"GET /repos/owner/name/issues/7/comments?per_page=100&page=1 was answered with 403 Forbidden.\n",
	]);
});
