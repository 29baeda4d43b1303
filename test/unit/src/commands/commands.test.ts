/** Wrong arguments and wrong files give one sentence, and no stack trace. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CommandName, catalogue, helpOf } from "../../../../src/commands/catalogue.ts";

/** Commands by the name of their npm script: the file, and its arguments. */
const commands = {
	init: { file: "src/commands/init.ts", usage: "init -- [--force] [--json FILE] [--ANSWER VALUE ...]" },
	doctor: { file: "src/commands/doctor.ts", usage: "doctor -- [--json FILE] [FILE]" },
	check: { file: "src/commands/check.ts", usage: "check -- [--json FILE] [FILE]" },
	"proxmox:access": { file: "src/commands/access.ts", usage: "proxmox:access -- [--json FILE] [FILE]" },
	reach: { file: "src/commands/reach.ts", usage: "reach -- [--json FILE] [STACK]" },
	drift: { file: "src/commands/drift.ts", usage: "drift -- [--record] [--json FILE] [STACK]" },
	docs: { file: "tools/docs/main.ts", usage: "docs -- [--json FILE]" },
	"charts:check": {
		file: "compliance/commands/charts-check.ts",
		usage: "charts:check -- [--helm PATH] [--add-digests] [--json FILE] [FILE]",
	},
	"preview:proposal": {
		file: "tools/proposal/main.ts",
		usage: "preview:proposal -- --commit SHA [--stack NAME] [--json FILE]",
	},
	"policy:check": { file: "compliance/commands/check.ts", usage: "policy:check -- [--json FILE] [FILE ...]" },
	"policy:mutate": {
		file: "compliance/commands/mutate.ts",
		usage: "policy:mutate -- [--all] [--seed NUMBER] [--json FILE] [--stack FILE]",
	},
	"policy:record": {
		file: "compliance/commands/record.ts",
		usage: "policy:record -- [--try N | --each-key] [--seed S] [--json FILE]",
	},
	"policy:defaults": { file: "tools/plugin-defaults/main.ts", usage: "policy:defaults -- [--json FILE]" },
	"policy:charts": {
		file: "compliance/commands/charts.ts",
		usage: "policy:charts -- [--charts DIR] [--helm PATH] [--json FILE] [--stack FILE]",
	},
	compliance: {
		file: "compliance/commands/compliance.ts",
		usage: "compliance -- --out DIR [--stack FILE] [--profile NAME] [--live FILE] [--json FILE]",
	},
} as const;
type Name = keyof typeof commands;

let directory: string;
beforeAll(() => {
	directory = mkdtempSync(join(tmpdir(), "commands-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Paths in arguments and output are relative to the directory of the test. */
function run(name: Name, ...parameters: string[]): [status: number | null, printed: string] {
	const given = parameters.map((parameter) => parameter.replace(/^\.\//, `${directory}/`));
	const { status, stderr } = spawnSync(process.execPath, [commands[name].file, ...given], { encoding: "utf8" });
	return [status, stderr.replaceAll(`${directory}/`, "./")];
}

function write(name: string, text: string): void {
	writeFileSync(join(directory, name), text);
}

test.each(Object.keys(commands) as Name[])("%s refuses an unknown option", (name) => {
	expect(run(name, "--bogus")).toEqual([2, `Unknown option '--bogus'. Usage: npm run ${commands[name].usage}\n`]);
});

test.each(Object.keys(catalogue) as CommandName[])("%s prints its usage with --help, and does nothing else", (name) => {
	const script = JSON.parse(readFileSync("package.json", "utf8")).scripts[name] as string;
	const file = script.split(" ").at(-1)!;
	const { status, stdout, stderr } = spawnSync(process.execPath, [file, "--help"], { encoding: "utf8" });
	expect([status, stdout, stderr]).toEqual([0, `${helpOf(name)}\n`, ""]);
});

test.each(Object.keys(catalogue) as CommandName[])(
	"%s reports an unwritable file of --json before its work",
	(name) => {
		const script = JSON.parse(readFileSync("package.json", "utf8")).scripts[name] as string;
		const needed: Partial<Record<CommandName, string[]>> = {
			"preview:proposal": ["--commit", "0".repeat(40)],
			review: ["--base", "HEAD"],
			compliance: ["--out", directory],
		};
		const parameters = needed[name] ?? [];
		const { status, stderr } = spawnSync(
			process.execPath,
			[script.split(" ").at(-1)!, "--json", "/proc/no/result.json", ...parameters],
			{ encoding: "utf8", timeout: 30_000 },
		);
		expect([status, stderr]).toEqual([2, "/proc/no/result.json cannot be written: no such file or directory.\n"]);
	},
);

test.each([["--help"], ["-h"], ["down", "--help"], ["set-up", "-h"], ["exec", "--help"], ["ssh", "--help"]])(
	"npm run rehearse prints its usage and does nothing else when it is called with %j %j",
	(...parameters) => {
		const { status, stdout, stderr } = spawnSync(process.execPath, ["rehearsal/main.ts", ...parameters], {
			encoding: "utf8",
		});
		expect([status, stderr]).toEqual([0, ""]);
		expect(stdout).toMatch(/^npm run rehearse \[-- OPTIONS\]/);
	},
);

test.each(["tools/test.sh", "tools/lint.sh"])("%s prints its usage with --help, and does nothing else", (file) => {
	const { status, stdout, stderr } = spawnSync("sh", [file, "--help"], { encoding: "utf8" });
	expect([status, stderr]).toEqual([0, ""]);
	expect(stdout).toMatch(/^npm (?:test|run lint)/);
});

test("npm run rehearse names its scenarios as JSON, alone on standard output", () => {
	const { status, stdout, stderr } = spawnSync(process.execPath, ["rehearsal/main.ts", "--list", "--json", "-"], {
		encoding: "utf8",
	});
	expect(status).toBe(0);
	expect(JSON.parse(stdout)).toContainEqual(
		expect.objectContaining({ name: "patch-upgrade", outage: expect.any(String) }),
	);
	expect(stderr).toContain("patch-upgrade");
});

test("npm run rehearse ends with 2 and its usage when its arguments are wrong", () => {
	for (const [parameters, sentence] of [
		[["--bogus"], "Unknown option '--bogus'"],
		[["nonsense"], "Unexpected argument 'nonsense'"],
		[["down", "--now"], "Unknown option '--now'"],
		[["set-up", "here"], "Unexpected argument 'here'"],
		[["exec"], "exec needs a command"],
		[["ssh"], "ssh needs the name of a node"],
	] as const) {
		const { status, stderr } = spawnSync(process.execPath, ["rehearsal/main.ts", ...parameters], { encoding: "utf8" });
		expect(status).toBe(2);
		expect(stderr).toContain(sentence);
		expect(stderr).toContain("--json FILE                 write the result as JSON; - is standard output");
	}
});

test("check --json writes the mistakes as JSON, and reports an unwritable file before it reads", () => {
	write("wrong.yaml", "config:\n  rke2-lab:acces: {}\n");
	const printed = spawnSync(process.execPath, [commands.check.file, "--json", "-", join(directory, "wrong.yaml")], {
		encoding: "utf8",
	});
	const result = JSON.parse(printed.stdout);
	expect([printed.status, result.ok, result.warnings]).toEqual([1, false, []]);
	expect(result.problems).toContainEqual({
		key: "acces",
		message: "is not a key of the stack file; did you mean access?",
	});
	expect(run("check", "--json", "./no/result.json", "./wrong.yaml")).toEqual([
		2,
		"./no/result.json cannot be written: no such file or directory.\n",
	]);
});

describe("a command ends with 2 and one sentence when its arguments are wrong:", () => {
	test.each<[name: Name, parameters: string[], sentence: string]>([
		["compliance", ["--stack"], "Option '--stack <value>' argument missing. Usage: ..."],
		["compliance", ["here"], "Unexpected argument 'here'. Usage: ..."],
		["compliance", [], "--out is missing: the directory to write to. Usage: ..."],
		[
			"compliance",
			["--out", "./out", "--profile", "strict"],
			"--profile strict does not exist; allowed are cis-level-1, cis-level-2, lab. Usage: ...",
		],
		["compliance", ["--out", "./out", "--live", "./nope"], "./nope cannot be read: no such file or directory."],
		[
			"compliance",
			["--out", "./out", "--stack", "./nope.yaml"],
			"./nope.yaml cannot be read: no such file or directory.",
		],
		["policy:mutate", ["--json"], "Option '--json <value>' argument missing. Usage: ..."],
		["policy:mutate", ["--seed", "x"], "--seed is x; allowed is a whole number of at most nine digits. Usage: ..."],
		["policy:mutate", ["--stack", "."], ". cannot be read: illegal operation on a directory."],
		["policy:check", ["./nope.json"], "./nope.json cannot be read: no such file or directory."],
		["charts:check", ["./nope.yaml"], "./nope.yaml cannot be read: no such file or directory."],
		["check", ["./nope.yaml"], "./nope.yaml cannot be read: no such file or directory."],
		["check", ["./a.yaml", "./b.yaml"], "One file at a time, found ./a.yaml, ./b.yaml. Usage: ..."],
		["docs", ["here"], "Unexpected argument 'here'. Usage: ..."],
	])("%s %j", (name, parameters, sentence) => {
		const usage = `Usage: npm run ${commands[name].usage}`;
		expect(run(name, ...parameters)).toEqual([2, `${sentence.replace("Usage: ...", usage)}\n`]);
	});
});

test("a command reports an unwritable file in one sentence", () => {
	write("file", "");
	expect(run("compliance", "--out", "./file")).toEqual([2, "./file cannot be made: file already exists.\n"]);
	mkdirSync(join(directory, "taken/compliance.json"), { recursive: true });
	const [status, printed] = run("compliance", "--out", "./taken");
	// Before the preview, which takes long and has warnings.
	expect([status, printed]).toEqual([
		2,
		"./taken/compliance.json cannot be written: illegal operation on a directory.\n",
	]);
});

describe("every command that reads a stack file ends with 1 when the file has a mistake", () => {
	const readers: [Name, ...string[]][] = [
		["check"],
		["doctor"],
		["proxmox:access"],
		["charts:check"],
		["compliance", "--out", "./out", "--stack"],
		["policy:mutate", "--stack"],
		["policy:charts", "--stack"],
	];
	const heading = "The stack configuration has 1 mistake; nothing was touched.";

	test.each(readers)("%s: no YAML", (name, ...parameters) => {
		write("broken.yaml", "config: [\n");
		expect(run(name, ...parameters, "./broken.yaml")).toEqual([
			1,
			`./broken.yaml\n${heading}\n  stack file: is not YAML in line 2: the indentation does not fit the lines above, or a bracket is not closed.\n`,
		]);
	});

	test.each(readers.filter(([name]) => name === "check" || name === "compliance"))(
		"%s: a key that is said twice",
		(name, ...parameters) => {
			write("twice.yaml", "config:\n  rke2-lab:ssh: { user: ops }\n  rke2-lab:ssh: { user: root }\n");
			const [status, printed] = run(name, ...parameters, "./twice.yaml");
			expect(status).toBe(1);
			expect(printed.split("\n")).toEqual(
				expect.arrayContaining(["./twice.yaml", "  ssh: is there twice; every name may occur once."]),
			);
			expect(printed).not.toContain("    at ");
		},
	);
});
