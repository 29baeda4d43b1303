/** `npm run review` as a person calls it, in a repository of its own: a change of code is a change as well. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

const project = fileURLToPath(new URL("../../../..", import.meta.url));
const rooms = ["src", "components", "policies", "compliance", "review", "Pulumi.yaml", "Pulumi.lab.yaml"].concat([
	"package.json",
	"package-lock.json",
]);

let repository: string;

/** No credential of this machine, and no network: a fork has neither. */
const environment = { PATH: process.env.PATH, HOME: "/nonexistent", https_proxy: "http://127.0.0.1:9" };

beforeAll(() => {
	repository = mkdtempSync(join(tmpdir(), "review-repository-"));
	const list = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "--", ...rooms], {
		cwd: project,
		encoding: "utf8",
	});
	for (const file of list.trim().split("\n")) {
		mkdirSync(dirname(join(repository, file)), { recursive: true });
		cpSync(join(project, file), join(repository, file));
	}
	writeFileSync(join(repository, ".gitignore"), "node_modules\n");
	symlinkSync(join(project, "node_modules"), join(repository, "node_modules"));
	git("init", "--quiet");
	git("add", "--all");
	commit("base");
});
afterEach(() => git("checkout", "--quiet", "--force", "HEAD", "--", "."));
afterAll(() => rmSync(repository, { recursive: true }));

function git(...args: string[]): string {
	return execFileSync("git", args, { cwd: repository, encoding: "utf8" });
}

function commit(message: string): void {
	git("-c", "user.name=A", "-c", "user.email=a@example.invalid", "commit", "--quiet", "--all", "--message", message);
}

function edit(file: string, from: string | RegExp, to: string): void {
	const path = join(repository, file);
	const text = readFileSync(path, "utf8");
	const edited = text.replace(from, to);
	expect(edited).not.toBe(text);
	writeFileSync(path, edited);
}

/** @returns exit code, standard output, standard error */
function review(...args: string[]): [number | null, string, string] {
	return reviewWith({}, ...args);
}

function reviewWith(variables: Record<string, string>, ...args: string[]): [number | null, string, string] {
	const { status, stdout, stderr } = spawnSync(process.execPath, ["review/commands/review.ts", ...args], {
		cwd: repository,
		env: { ...environment, ...variables },
		encoding: "utf8",
	});
	return [status, stdout, stderr];
}

describe("npm run review", () => {
	test("says no change and nothing else when both trees are the same, and ends with 0", () => {
		expect(review("--base", "HEAD")).toEqual([0, "no change\n", ""]);
	});

	test("says no change when only a comment of the code and of the stack file differs", () => {
		edit("Pulumi.lab.yaml", /^/, "# Another comment.\n");
		edit("src/index.ts", /^/, "/* Another comment. */\n");
		expect(review("--base", "HEAD")).toEqual([0, "no change\n", ""]);
	});

	test("ends with 3 for a disruptive change, writes the same bytes each time, and leaves no trace in the repository", () => {
		edit("Pulumi.lab.yaml", "v1.35.7+rke2r1", "v1.35.8+rke2r1");
		const status = git("status", "--short");
		const first = review("--base", "HEAD");
		expect(first[0]).toBe(3);
		expect(first[1]).toMatch(/^Stack lab: Resources: /);
		expect(review("--base", "HEAD", "--stack", "lab")).toEqual(first);
		expect([git("status", "--short"), git("worktree", "list").trim().split("\n").length]).toEqual([status, 1]);
	});

	test("ends with 4 when an exception of the profile has expired, and names its policy", () => {
		edit("policies/profiles/lab.json", /(proxmox\.firewall\.enabled"[^}]*"expires": ")2027-03-31/, "$12026-01-31");
		const [status, text] = review("--base", "HEAD");
		expect(status).toBe(4);
		expect(text).toMatch(/\nForbidden\n {2}vm-firewall: .*Its exception for .* expired on 2026-01-31/);
		expect(text).toContain(
			"exception no longer used: vm-firewall: the setting proxmox.firewall.enabled until 2027-03-31",
		);
	});

	test("shows a change of a script, and that no node restarts for it", () => {
		edit("src/rke2/scripts/drain.sh", /$/, "# One more line.\n");
		const [status, text] = review("--base", "HEAD");
		expect(status).toBe(0);
		expect(text).toContain("Disruption: none.");
		expect(text).toMatch(
			/8 x command toolkit \(8 nodes: .*\)\n {4}\/usr\/local\/lib\/rke2-lab\/drain\.sh:\n {6}\+ # One more line\./,
		);
	});

	test("shows a network policy that the code loosens", () => {
		edit("components/platform/metallb/network-policies.ts", "\t\tdefaultDeny(),\n", "");
		const [status, text] = review("--base", "HEAD");
		expect(status).not.toBe(0);
		expect(text).toContain("NetworkPolicy: metallb-system-default-deny-all");
		expect(text).toMatch(/opens: .*metallb-system/);
	});

	test("compares a stack that only this tree has with nothing", () => {
		cpSync(join(project, "examples/Pulumi.minimal.yaml"), join(repository, "Pulumi.minimal.yaml"));
		const [status, text] = review("--base", "HEAD");
		rmSync(join(repository, "Pulumi.minimal.yaml"));
		expect([status, text.split("\n")[0]]).toEqual([
			0,
			expect.stringMatching(/^Stack minimal: Resources: \d+ created\.$/),
		]);
	});

	test("compares with a recording that --record has written", () => {
		expect(review("--record", "base.json")).toEqual([0, "", ""]);
		edit("Pulumi.lab.yaml", "v1.35.7+rke2r1", "v1.35.8+rke2r1");
		const [status, text] = review("--base-recording", "base.json");
		rmSync(join(repository, "base.json"));
		expect([status, text]).toEqual([3, review("--base", "HEAD")[1]]);
	});

	test("says what to do when the commit is not there, or has other packages", () => {
		expect(review("--base", "nowhere")).toEqual([
			1,
			"",
			"--base nowhere is not a commit of this clone; fetch it first: git fetch origin, or in CI a checkout with its history.\n",
		]);
		writeFileSync(join(repository, "package-lock.json"), "{}\n");
		const [status, , error] = review("--base", "HEAD");
		expect([status, error]).toEqual([
			1,
			"HEAD needs other packages than this tree (package-lock.json); add --install, which installs them in a temporary directory.\n",
		]);
	});

	describe("with --install, where package-lock.json differs", () => {
		let commands: string;
		beforeEach(() => {
			commands = mkdtempSync(join(tmpdir(), "review-npm-"));
			writeFileSync(join(repository, "package-lock.json"), "{}\n");
		});
		afterEach(() => rmSync(commands, { recursive: true }));

		/** A double of npm, which says how it was called. */
		function npm(...lines: string[]): Record<string, string> {
			const calls = `echo "$*" in "$(basename "$PWD")" > ${commands}/calls`;
			writeFileSync(join(commands, "npm"), ["#!/bin/sh", calls, ...lines, ""].join("\n"), { mode: 0o755 });
			return { PATH: [commands, environment.PATH].join(delimiter) };
		}

		test("records the base with its own packages, and runs none of their scripts", () => {
			const variables = npm(`ln -s ${project}/node_modules node_modules`);
			edit("Pulumi.lab.yaml", "v1.35.7+rke2r1", "v1.35.8+rke2r1");
			const [status, text, error] = reviewWith(variables, "--base", "HEAD", "--install");
			expect([status, error]).toEqual([3, ""]);
			expect(text).toMatch(/^Stack lab: Resources: /);
			expect(readFileSync(join(commands, "calls"), "utf8")).toMatch(
				/^ci --ignore-scripts --no-audit --no-fund in review-base-/,
			);
		});

		test("says what npm says when it fails, also in the comment", () => {
			const markdown = join(commands, "review.md");
			const variables = npm("echo 'npm error the registry is away' >&2", "exit 1");
			const [status, , error] = reviewWith(variables, "--base", "HEAD", "--install", "--markdown", markdown);
			const reason = "The packages of HEAD cannot be installed:\nnpm error the registry is away";
			expect([status, error]).toEqual([1, `${reason}.\n`]);
			expect(readFileSync(markdown, "utf8")).toBe(
				`<!-- rke2-lab review -->\n### This push was not reviewed\n\n\`\`\`text\n${reason}\n\`\`\`\n\nNothing is known about what it does to a cluster; a review of an earlier push says nothing about it.\n`,
			);
		});
	});

	test("replaces the review of an earlier push by the reason, when this tree cannot be recorded", () => {
		const markdown = join(repository, "review.md");
		writeFileSync(markdown, "an earlier review\n");
		edit("src/index.ts", /^/, `throw new Error("stop here${"\\nand on".repeat(100)}");\n`);
		const [status] = review("--base", "HEAD", "--markdown", markdown);
		const text = readFileSync(markdown, "utf8");
		rmSync(markdown);
		expect(status).toBe(1);
		expect(text).toMatch(
			/^<!-- rke2-lab review -->\n### This push was not reviewed\n\n```text\nthis tree cannot be recorded:\n/,
		);
		expect(text).toContain("stop here");
		expect(text).toMatch(/\n\.\.\. and \d+ more lines, in the log of the job\n```\n/);
	});

	test("refuses wrong arguments with 2", () => {
		const usage = "Usage: npm run review -- ";
		expect(review()).toEqual([
			2,
			"",
			expect.stringContaining(`One of --base, --base-recording and --record is needed. ${usage}`),
		]);
		expect(review("--base", "HEAD", "--stack", "nope")).toEqual([
			2,
			"",
			expect.stringContaining("--stack nope: neither tree has Pulumi.nope.yaml"),
		]);
		expect(review("--base-recording", "nope.json", "--install")).toEqual([
			2,
			"",
			expect.stringContaining(`--install needs --base, whose packages it installs. ${usage}`),
		]);
		expect(review("--base-recording", "nope.json")[2]).toBe("nope.json cannot be read: no such file or directory.\n");
		expect(review("--base-recording", "package.json")).toEqual([
			1,
			"",
			"package.json is not a recording of the format 1; record it again with `npm run review -- --record FILE`.\n",
		]);
	});
});
