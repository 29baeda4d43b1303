/** Packages and actions are pinned by digest, and no workflow gives a secret to code before its merge. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

interface Step {
	uses?: string;
	run?: string;
	with?: Record<string, unknown>;
	env?: Record<string, unknown>;
}
interface Job {
	environment?: string;
	permissions?: Record<string, string>;
	steps: Step[];
}
interface Workflow {
	on: Record<string, unknown>;
	permissions: Record<string, string>;
	jobs: Record<string, Job>;
}

const project = new URL("../../", import.meta.url);
const text = (path: string) => readFileSync(new URL(path, project), "utf8");
const workflows = readdirSync(new URL(".github/workflows", project)).map((name): [string, string] => [
	name,
	text(`.github/workflows/${name}`),
]);

test("every package in the lock file has its digest", () => {
	const { packages } = JSON.parse(text("package-lock.json")) as { packages: Record<string, { integrity?: string }> };
	const without = Object.entries(packages).filter(
		([path, { integrity = "" }]) => path !== "" && !integrity.startsWith("sha512-"),
	);
	expect(without.map(([path]) => path)).toEqual([]);
});

test("package.json names exact versions", () => {
	const { dependencies, devDependencies, optionalDependencies } = JSON.parse(text("package.json"));
	for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
		expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
	}
});

test("Pulumi.yaml refuses a CLI that is older than the SDK", () => {
	const { dependencies } = JSON.parse(text("package.json")) as { dependencies: Record<string, string> };
	expect(parse(text("Pulumi.yaml"))).toMatchObject({ requiredPulumiVersion: `>=${dependencies["@pulumi/pulumi"]}` });
});

describe.each(workflows)("%s", (_name, source) => {
	const workflow = parse(source) as Workflow;
	const jobs = Object.values(workflow.jobs);

	test("takes every action by the commit, and says which release it is", () => {
		const uses = source.match(/uses: .*/g) ?? [];
		expect(uses).not.toEqual([]);
		for (const line of uses) {
			expect(line).toMatch(/^uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
		}
	});

	test("grants each job what it needs, and keeps no token in a checkout", () => {
		expect(Object.values(workflow.permissions)).not.toContain("write");
		for (const { uses = "", with: inputs } of jobs.flatMap(({ steps }) => steps)) {
			if (uses.startsWith("actions/checkout@")) {
				expect(inputs).toMatchObject({ "persist-credentials": false });
			}
		}
	});

	test("gives the secrets of an environment to the code of the main branch only", () => {
		for (const { environment, steps } of jobs.filter((job) => JSON.stringify(job).includes("secrets."))) {
			expect(environment).toBe("lab");
			// With this event GitHub runs the workflow of the proposal, not that of main.
			expect(workflow.on).not.toHaveProperty("pull_request");
			const checkouts = steps.filter(({ uses = "" }) => uses.startsWith("actions/checkout@"));
			const ofProposals = checkouts.filter(({ with: inputs }) => inputs && "ref" in inputs);
			const expected = "pull_request_target" in workflow.on ? ["proposal"] : [];
			expect(ofProposals.map(({ with: inputs }) => inputs?.path)).toEqual(expected);
			for (const { run = "", env = {} } of steps) {
				expect(run).not.toMatch(/\bcd proposal|--cwd|--dir\b|proposal\/\S+\.(sh|ts|js)/);
				// An expression in a script may contain code from the name of a branch.
				expect(run).not.toContain("$" + "{{");
				expect(JSON.stringify(env)).not.toMatch(/head\.ref\b|title|body/);
			}
		}
	});
});
