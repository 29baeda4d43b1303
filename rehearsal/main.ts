/** Command line of the rehearsal. */

import { parseArgs } from "node:util";
import { resultFor, sayTo, UsageError } from "../src/commands/command.ts";
import { FileError } from "../src/commands/files.ts";
import { down } from "./commands/down.ts";
import { exec } from "./commands/exec.ts";
import { run } from "./commands/run.ts";
import { listScenarios, runScenarios } from "./commands/scenarios.ts";
import { ssh } from "./commands/ssh.ts";
import { prepareReport } from "./report/page/page.ts";
import { scenarios } from "./scenarios/index.ts";
import { setUp } from "./setup/index.ts";
import { describePulumi } from "./setup/pulumi/index.ts";
import { Refusal } from "./setup/refusal.ts";

const usage = `npm run rehearse [-- OPTIONS]         run the whole path once
  --stack NAME                default: lab
  --keep                      keep the cluster running
  --json FILE                 write the result as JSON; - is standard output
  --report DIR                write what really happened as a page, DIR/index.html
npm run rehearse -- --list            name the scenarios
npm run rehearse -- --scenario NAME   run one, several (the option again) or all of them, in one datacenter
  --seed NUMBER               choose the same part of a sweep as a run before, which printed the number
  --sweep                     run all points of a sweep
  --json FILE                 write the results as JSON; - is standard output
  --report DIR                write what really happened as a page, DIR/index.html
npm run rehearse -- exec COMMAND ...  run a command in the datacenter's network, KUBECONFIG set
npm run rehearse -- ssh NODE [COMMAND ...]
npm run rehearse -- down              remove what --keep left
npm run rehearse -- set-up            only install and build what a rehearsal needs`;

const [command, ...rest] = process.argv.slice(2);
try {
	process.exitCode = await dispatch(command, rest);
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	if (isWrongCall(error)) {
		console.error(usage);
	}
	process.exitCode =
		isWrongCall(error) || error instanceof FileError ? 2 : error instanceof Refusal ? error.exitCode : 1;
}

function isWrongCall(error: unknown): boolean {
	// Errors of Node's parseArgs have such a code.
	return error instanceof UsageError || ((error as NodeJS.ErrnoException).code ?? "").startsWith("ERR_PARSE_ARGS_");
}

async function dispatch(command: string | undefined, rest: string[]): Promise<number> {
	// Before the command of `exec` and `ssh`, whose own words may be the same.
	if ([command, rest[0]].some((word) => word === "--help" || word === "-h")) {
		console.log(usage);
		return 0;
	}
	switch (command) {
		case "exec":
			return exec(rest);
		case "ssh":
			return ssh(rest);
		case "down":
			parseArgs({ args: rest });
			return down(console.log);
		case "set-up":
			parseArgs({ args: rest });
			console.log(describePulumi((await setUp(console.log)).pulumi));
			return 0;
		default:
			return rehearse(process.argv.slice(2));
	}
}

async function rehearse(args: string[]): Promise<number> {
	const { values } = parseArgs({
		args,
		options: {
			stack: { type: "string" },
			keep: { type: "boolean", default: false },
			json: { type: "string" },
			report: { type: "string" },
			list: { type: "boolean", default: false },
			scenario: { type: "string", multiple: true },
			seed: { type: "string" },
			sweep: { type: "boolean", default: false },
			help: { type: "boolean", short: "h", default: false },
		},
	});
	if (values.help) {
		console.log(usage);
		return 0;
	}
	const writeResult = resultFor(values.json);
	const say = sayTo(values.json);
	if (values.list) {
		writeResult(scenarios.map(({ name, outage, description }) => ({ name, outage, description })));
		say(listScenarios().join("\n"));
		return 0;
	}
	if (values.report) {
		prepareReport(values.report);
	}
	if (values.scenario) {
		if (values.stack !== undefined || values.keep) {
			throw new UsageError("--scenario has a datacenter of its own; leave out --stack and --keep.");
		}
		const { scenario: names, sweep, report } = values;
		const seed = values.seed === undefined ? undefined : seedOf(values.seed);
		return (await runScenarios({ names, seed, sweep, writeResult, report, say })) ? 0 : 1;
	}
	if (values.sweep || values.seed !== undefined) {
		throw new UsageError("--sweep and --seed belong to a scenario; add --scenario NAME.");
	}
	const ok = await run({
		stack: values.stack ?? "lab",
		keep: values.keep,
		writeResult,
		report: values.report,
		say,
	});
	return ok ? 0 : 1;
}

function seedOf(text: string): number {
	if (!/^\d{1,10}$/.test(text) || Number(text) >= 2 ** 32) {
		throw new UsageError(`--seed is ${text}; it has to be a whole number below 4294967296.`);
	}
	return Number(text);
}
