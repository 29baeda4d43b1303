/** The lines of the CI jobs that make and post a review, run as CI runs them, with doubles of the commands that they call. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { directory, documented, double, type Job, read, run, stepOf, workflow } from "./ci-jobs.ts";

const github = workflow("checks.yml").jobs.review!;
const [gitlab, gitea] = documented("review") as [Job, Job];

describe.each<[string, string, Record<string, string>, string]>([
	["GitHub", stepOf(github, "Review").run!, {}, "HEAD^1"],
	["GitLab", gitlab.script.slice(1).join("\n"), { CI_MERGE_REQUEST_DIFF_BASE_SHA: "abc" }, "abc"],
	["Gitea", stepOf(gitea, "Review").run!, { BASE: "abc" }, "abc"],
])("the review on %s", (_, script, environment, base) => {
	test.each([
		[0, 0],
		[3, 0],
		[4, 4],
		[1, 1],
		[2, 2],
	])("after exit code %i of the review ends with %i, and prints the text", (code, ends) => {
		double("npm", "echo the text", `exit ${code}`);
		const [status, output, calls] = run(script, environment);
		expect([status, output]).toEqual([ends, "the text\n"]);
		expect(calls).toEqual([
			expect.stringMatching(
				new RegExp(`^npm run --silent review -- --base ${base.replace("^", "\\^")} --install( |$)`),
			),
		]);
	});
});

describe("the job that runs the code of a pull request", () => {
	test("holds no token that writes, and no secret", () => {
		expect((parse(read(".github/workflows/checks.yml")) as { permissions: object }).permissions).toEqual({
			contents: "read",
		});
		expect(github.permissions).toBeUndefined();
		for (const job of [github, gitea]) {
			expect(JSON.stringify(job)).not.toMatch(/secrets\.|github\.token/);
			expect(job.steps.find(({ uses }) => uses?.startsWith("actions/checkout@"))!.with).toMatchObject({
				"persist-credentials": false,
			});
		}
		expect(JSON.stringify(gitlab)).not.toMatch(/POSTING_TOKEN|environment/);
		expect(gitlab.rules).toEqual([{ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }]);
	});
});

describe("the posting job on GitHub", () => {
	const { post } = workflow("review-comment.yml").jobs as { post: Job };
	const environment = { COMMIT: "c".repeat(40), HEAD: "fork:branch", PROJECT: "owner/name" };

	test("runs the code of the main branch only", () => {
		expect(post.steps.find(({ uses }) => uses?.startsWith("actions/checkout@"))!.with).toEqual({
			"persist-credentials": false,
		});
		expect(post.permissions).toEqual({ actions: "read", contents: "read", "pull-requests": "write" });
	});

	test("posts also when the job of the pull request has left nothing", () => {
		const download = post.steps.find(({ uses }) => uses?.startsWith("actions/download-artifact@"))!;
		expect(download).toMatchObject({ id: "review", "continue-on-error": true });
		double("gh", "echo 0");
		expect(run(stepOf(post, "Ask whether there is a review").run!, environment)[0]).toBe(0);
	});

	test("posts nothing when the review is there and its download failed", () => {
		expect(stepOf(post, "Ask whether there is a review")).toMatchObject({ if: "steps.review.outcome == 'failure'" });
		for (const answer of ["echo 1", "exit 1"]) {
			double("gh", answer);
			expect(run(stepOf(post, "Ask whether there is a review").run!, environment)[0]).toBe(1);
		}
	});

	test("posts to the pull request whose end is the commit", () => {
		double("gh", "echo 17");
		double("node", 'echo "number $NUMBER"');
		expect(run(stepOf(post, "Post").run!, environment)).toEqual([
			0,
			"number 17\n",
			[
				expect.stringContaining(
					"gh api --method GET repos/owner/name/pulls --field state=open --field head=fork:branch",
				),
				"node review/posting/main.ts review-result/review.md",
			],
		]);
	});

	test("posts nothing when the pull request has got another push", () => {
		double("gh", "true");
		double("node");
		const [status, output, calls] = run(stepOf(post, "Post").run!, environment);
		expect([status, output, calls.length]).toEqual([0, "No open pull request has this commit at its end.\n", 1]);
	});
});

describe("the posting job on Gitea", () => {
	const job = (documented("post-review") as Job[]).find(({ steps }) => steps !== undefined)!;
	const { run: script } = stepOf(job, "Review the stack file");

	test("runs the code of the main branch only, and gives the token to the last step alone", () => {
		const [main, proposal] = job.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
		expect(main!.with).toEqual({ "fetch-depth": 0, "persist-credentials": false });
		expect(proposal!.with).toMatchObject({ path: "proposal", "persist-credentials": false });
		expect(job.steps.filter((step) => JSON.stringify(step).includes("secrets."))).toEqual([stepOf(job, "Post")]);
		expect(read("docs/ci.md")).toMatch(/name: review-comment\n\non:\n {2}#.*\n {2}pull_request_target:/);
	});

	test.each([
		[0, 0],
		[3, 0],
		[4, 4],
		[1, 1],
	])("after exit code %i of the review ends with %i", (code, ends) => {
		double("git");
		double("npm", `case "$*" in *review*--base*) exit ${code} ;; esac`);
		const [status, , calls] = run(script!, { COMMIT: "abc" });
		expect([status, calls]).toEqual([
			ends,
			[
				"git fetch --quiet ./proposal abc",
				"npm run --silent preview:proposal -- --commit abc --stack lab",
				"npm run --silent review -- --base HEAD --markdown review.md",
			],
		]);
	});

	test("reviews nothing when the pull request changes code, and posts that", () => {
		double("git");
		double("npm", "exit 1");
		double("node");
		const [status, , calls] = run(`${script}\n${stepOf(job, "Post").run}`, { COMMIT: "abc" });
		expect([status, calls.at(-1)]).toEqual([0, "node review/posting/main.ts review.md"]);
		expect(calls.join()).not.toContain("npm run --silent review");
	});
});

describe.each<[string, string]>([
	["GitHub and Gitea", stepOf(workflow("drift.yml").jobs.drift!, "Look for drift").run!],
	["GitLab", (documented("drift") as [Job])[0].script.slice(1).join("\n")],
])("the drift preview on %s", (_, script) => {
	const drifted = "The lab is not what the main branch wants.";
	test.each([
		["nothing differs", "exit 0", 0, false],
		["Pulumi would change something", "echo 'error: no changes were expected for preview'; exit 255", 255, true],
		["Pulumi fails", "echo 'error: the lab is away' >&2; exit 1", 1, false],
		["a policy was skipped", 'echo "can\'t run policy x"; exit 0', 1, false],
	])("when %s", (_, line, ends, says) => {
		double("pulumi", line);
		const [status, output, calls] = run(script);
		expect([status, output.includes(drifted)]).toEqual([ends, says]);
		expect(calls).toEqual([
			"pulumi preview --stack lab --refresh --expect-no-changes --non-interactive --color never --policy-pack policies",
		]);
	});
});

test("the drift preview runs for a schedule of the main branch, and nothing else of GitLab's file does", () => {
	const schedule = /\$CI_PIPELINE_SOURCE == "schedule" && \$CI_COMMIT_BRANCH == \$CI_DEFAULT_BRANCH/;
	expect((documented("drift") as [Job])[0].rules).toEqual([{ if: expect.stringMatching(schedule) }]);
	for (const name of ["checks", "preview"]) {
		const [job] = documented(name).filter(({ script }) => script !== undefined) as [Job];
		expect(job.rules.map((rule) => rule.if).join()).toContain('$CI_PIPELINE_SOURCE != "schedule"');
	}
	const { jobs, on } = parse(read(".github/workflows/drift.yml")) as { jobs: { drift: Job }; on: object };
	expect(Object.keys(on)).toEqual(["schedule", "workflow_dispatch"]);
	expect([jobs.drift.if, jobs.drift.permissions]).toEqual(["github.ref == 'refs/heads/main'", { contents: "read" }]);
});

test.each([
	["takes the review from the pipeline of the merge request", "review", "echo the review", "the review\n"],
	["posts without a review when that pipeline has no such job", "other", "exit 22", "no review\n"],
	["posts without a review when the job has left none", "review", "exit 22", "no review\n"],
])("the posting job on GitLab %s", (_, name, download, posted) => {
	const [job] = documented("post-review") as [Job];
	expect(job.rules).toEqual([{ if: "$PROPOSAL && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" }]);
	double(
		"curl",
		"cat >> header",
		'case "$*" in',
		`*merge_requests*) echo '{"sha":"${"d".repeat(40)}","head_pipeline":{"project_id":9,"id":41}}' ;;`,
		`*/9/pipelines/41/jobs*) echo '[{"name":"checks","id":1},{"name":"${name}","id":2}]' ;;`,
		`*/9/jobs/2/artifacts/review-result/review.md) ${download} ;;`,
		"*) exit 22 ;;",
		"esac",
	);
	// Node itself works, but for the program that posts.
	double(
		"node",
		'case "$1" in',
		'review/*) echo "$FORGE $PROJECT $NUMBER $COMMIT"; cat "$2" 2>/dev/null || echo no review ;;',
		`*) exec "${process.execPath}" "$@" ;;`,
		"esac",
	);
	const [status, output, calls] = run(job.script.join("\n"), {
		CI_API_V4_URL: "https://gitlab.invalid/api/v4",
		CI_PROJECT_ID: "5",
		PROPOSAL: "7",
		POSTING_TOKEN: "hidden",
	});
	expect([status, output]).toEqual([0, `gitlab 5 7 ${"d".repeat(40)}\n${posted}`]);
	expect(calls.join("\n")).not.toContain("hidden");
	expect(readFileSync(join(directory, "header"), "utf8")).toContain('header = "PRIVATE-TOKEN:hidden"');
});
