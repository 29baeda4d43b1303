/** The jobs of the CI files, and a directory in which their lines run as CI runs them, with doubles of the commands that they call. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { parse } from "yaml";

interface Step {
	name?: string;
	uses?: string;
	run?: string;
	with?: Record<string, unknown>;
	env?: Record<string, string>;
}
export interface Job {
	if?: string;
	permissions?: Record<string, string>;
	steps: Step[];
	script: string[];
	rules: { if: string }[];
}

export const read = (file: string) => readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8");
export const workflow = (file: string) => parse(read(`.github/workflows/${file}`)) as { jobs: Record<string, Job> };

/** The YAML blocks of docs/ci.md: files for GitLab and Gitea, and lists of steps. */
const blocks = () =>
	[...read("docs/ci.md").matchAll(/```yaml\n([\s\S]*?)\n```\n/g)].map(
		([, text]) => parse(text!) as Step[] | (Record<string, Job> & { jobs?: Record<string, Job> }),
	);

/** The jobs of docs/ci.md that have that name. */
export const documented = (job: string): Job[] =>
	blocks().flatMap((block) => (Array.isArray(block) ? [] : (block.jobs?.[job] ?? block[job] ?? [])));

/** The steps that docs/ci.md puts in the place of others. */
export const documentedSteps = (): Step[] => blocks().flatMap((block) => (Array.isArray(block) ? block : []));

export const stepOf = ({ steps }: Pick<Job, "steps">, name: string) => steps.find((step) => step.name === name)!;

export let directory: string;
beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), "ci-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A double of a command: writes down its arguments, and runs the lines. */
export function double(name: string, ...lines: string[]): void {
	const path = join(directory, name);
	writeFileSync(path, ["#!/bin/sh", `echo "${name} $*" >> "${directory}/calls"`, ...lines, ""].join("\n"));
	chmodSync(path, 0o755);
}

/** @returns exit code, standard output, and the calls of the doubles */
export function run(script: string, environment: Record<string, string> = {}): [number | null, string, string[]] {
	// As GitHub's and Gitea's runners call it; GitLab's shell also ends at the first failing line. Where standard input is a socket,
	// bash would read .bashrc, which may put other directories before that of the doubles.
	const { status, stdout } = spawnSync("bash", ["--norc", "-e", "-c", script], {
		cwd: directory,
		encoding: "utf8",
		env: { PATH: [directory, process.env.PATH].join(delimiter), ...environment },
	});
	const { stdout: calls } = spawnSync("cat", [join(directory, "calls")], { encoding: "utf8" });
	return [status, stdout, calls.trim().split("\n")];
}
