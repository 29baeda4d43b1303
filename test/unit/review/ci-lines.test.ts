/** The lines of the CI jobs that check, preview and rehearse, run as CI runs them, with doubles of the commands that they call. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { directory, documented, documentedSteps, double, type Job, read, run, stepOf, workflow } from "./ci-jobs.ts";

const files = ["checks", "drift", "preview", "rehearsal", "release", "review-comment"].map(
	(name) => `.github/workflows/${name}.yml`,
);

test("every npm script that a workflow calls exists", () => {
	const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
	const called = [...files, "docs/ci.md"].flatMap((file) =>
		[...read(file).matchAll(/\bnpm run (?:--silent )?([\w:]+)/g)].map(([, name]) => name!),
	);
	expect(called.length).toBeGreaterThan(20);
	expect(called.filter((name) => scripts[name] === undefined)).toEqual([]);
});

test("the checks on GitLab and Gitea run what those on GitHub run, line after line", () => {
	const scripts = (lines: readonly (string | undefined)[]) =>
		lines.flatMap((line) => [...(line ?? "").matchAll(/^npm (?:ci|run) .*$/gm)].map(([text]) => text));
	const [gitlab, gitea] = documented("checks") as [Job, Job];
	const expected = scripts(workflow("checks.yml").jobs.checks!.steps.map((step) => step.run));
	expect(expected.length).toBeGreaterThan(8);
	expect(scripts(gitlab.script)).toEqual(expected);
	expect(scripts(gitea.steps.map((step) => step.run))).toEqual(expected);
});

test.each([
	["GitLab", (documented("checks")[0] as Job).script],
	["Gitea", (documented("checks")[1] as Job).steps.map((step) => step.run ?? "")],
	["GitHub", workflow("checks.yml").jobs.checks!.steps.map((step) => step.run ?? "")],
])("the checks on %s end with the first command that fails", (_, lines) => {
	for (const name of ["apt-get", "go", "cat"]) {
		double(name);
	}
	double("npm", '[ "$*" != "run test:unit" ] || exit 5');
	const [status, , calls] = run(lines.join("\n"));
	expect([status, calls.at(-1)]).toEqual([5, "npm run test:unit"]);
});

describe("the preview on GitLab", () => {
	const { script, rules } = documented("preview")[0] as Job;
	const preview = "pulumi preview --stack lab --non-interactive --color never --policy-pack policies";

	test("is a pipeline of the main branch", () => {
		expect(rules).toEqual([{ if: expect.stringMatching(/^\$CI_COMMIT_BRANCH == \$CI_DEFAULT_BRANCH && /) }]);
	});

	test.each([
		["ends well", "echo done", 0],
		["fails with Pulumi", "echo broken >&2; exit 255", 255],
		["fails when a policy was skipped", 'echo "can\'t run policy x"', 1],
	])("%s", (_, line, ends) => {
		double("npm");
		double("pulumi", line);
		const [status, , calls] = run(script.join("\n"));
		expect([status, calls]).toEqual([ends, ["npm ci --ignore-scripts", preview]]);
		expect(readFileSync(join(directory, "preview.txt"), "utf8")).not.toBe("");
	});

	test("takes only the stack file of a merge request, and previews nothing when it is refused", () => {
		double("git", '[ "$1" != rev-parse ] || echo abc');
		double("pulumi");
		double("npm", 'case "$*" in *preview:proposal*) echo refused; exit 1 ;; esac');
		const [status, output, calls] = run(script.join("\n"), { PROPOSAL: "7" });
		expect([status, output]).toEqual([1, "refused\n"]);
		expect(calls).toEqual([
			"npm ci --ignore-scripts",
			"git fetch --quiet origin refs/merge-requests/7/head",
			"git rev-parse FETCH_HEAD",
			"npm run --silent preview:proposal -- --commit abc",
		]);
	});
});

describe("the preview on GitHub and Gitea", () => {
	const { preview, post } = workflow("preview.yml").jobs as { preview: Job; post: Job };

	test.each([
		["fails with Pulumi", "echo broken >&2; exit 255", 255],
		["fails when a policy was skipped", 'echo "can\'t run policy x"', 1],
	])("%s", (_, line, ends) => {
		double("pulumi", line);
		expect(run(stepOf(preview, "Preview").run!)[0]).toBe(ends);
	});

	test.each([
		["exit 0", "taken=true"],
		["exit 1", "taken=false"],
	])("says whether the stack file of the proposal was taken: %s", (line, says) => {
		double("git");
		double("npm", line);
		const output = join(directory, "output");
		expect(
			run(stepOf(preview, "Take the stack file of the proposal").run!, { COMMIT: "abc", GITHUB_OUTPUT: output })[0],
		).toBe(0);
		expect(readFileSync(output, "utf8")).toBe(`${says}\n`);
	});

	test.each([
		["edits its comment of an earlier push", "echo 17", "--method PATCH repos/owner/name/issues/comments/17"],
		["writes a first comment", "true", "--method POST repos/owner/name/issues/5/comments"],
	])("%s, which no text can leave", (_, line, request) => {
		double("gh", line);
		const environment = { NUMBER: "5", REPOSITORY: "owner/name", END: "a\n```\n@everyone", MARK: "<!-- mark -->" };
		const [status, , calls] = run(stepOf(post, "Post").run!, environment);
		expect([status, calls.at(-1)]).toEqual([0, expect.stringContaining(request)]);
		expect(readFileSync(join(directory, "comment.md"), "utf8")).toBe("<!-- mark -->\n````\na\n```\n@everyone\n````\n");
	});
});

describe("the comment with the preview", () => {
	const token = { POSTING_TOKEN: "hidden" };

	test("is posted on GitLab by a job that runs no code of the project", () => {
		const { script } = documented("post")[0] as Job;
		double("curl", "cat > header");
		double("tail", "echo the preview");
		const [status, , calls] = run(script.join("\n"), {
			...token,
			CI_API_V4_URL: "https://g",
			CI_PROJECT_ID: "5",
			PROPOSAL: "7",
		});
		expect([status, calls]).toEqual([
			0,
			["tail -c 60000 preview.txt", expect.stringMatching(/ https:\/\/g\/projects\/5\/merge_requests\/7\/notes$/)],
		]);
		expect(readFileSync(join(directory, "comment.md"), "utf8")).toBe("```\nthe preview\n```\n");
		expect(calls.join()).not.toContain("hidden");
		expect(readFileSync(join(directory, "header"), "utf8")).toBe('header = "PRIVATE-TOKEN:hidden"\n');
	});

	test("is posted on Gitea as JSON", () => {
		double("curl", "cat > header");
		const script = stepOf({ steps: documentedSteps() }, "Post").run!;
		const [status, , calls] = run(script, { ...token, ADDRESS: "https://gitea/issues/7/comments", END: 'a "b"\n' });
		expect([status, calls.join()]).toEqual([0, expect.stringMatching(/ https:\/\/gitea\/issues\/7\/comments$/)]);
		expect(JSON.parse(readFileSync(join(directory, "comment.json"), "utf8"))).toEqual({ body: '```\na "b"\n\n```' });
		expect(calls.join()).not.toContain("hidden");
		expect(readFileSync(join(directory, "header"), "utf8")).toBe('header = "Authorization: token hidden"\n');
	});
});

describe.each<[string, Job, string]>([
	[
		"GitHub and Gitea",
		workflow("rehearsal.yml").jobs.rehearsal!,
		stepOf(workflow("rehearsal.yml").jobs.rehearsal!, "Rehearse").run!,
	],
	["GitLab", documented("rehearsal")[0] as Job, (documented("rehearsal")[0] as Job).script.slice(1).join("\n")],
])("the rehearsal on %s", (_, job, script) => {
	test.each([0, 1, 2])("ends as the command does: %i", (code) => {
		double("npm", `exit ${code}`);
		const [status, , calls] = run(script);
		expect([status, calls]).toEqual([code, ["npm run --silent rehearse -- --stack lab --report rehearsal-report"]]);
	});

	test("runs the code of a pull request of the house only, and gets no secret", () => {
		expect(JSON.stringify(job)).not.toMatch(/secrets\.|github\.token|TOKEN|environment/);
		expect(JSON.stringify([job.if, job.rules])).toMatch(
			/head\.repo\.full_name == github\.repository|SOURCE_PROJECT_ID == \$CI_PROJECT_ID/,
		);
	});
});
