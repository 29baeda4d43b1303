/** Command line of the rehearsal. */

import { parseArgs } from "node:util";
import { UsageError } from "../src/commands/command.ts";
import { makeSureIsWritable } from "../src/commands/files.ts";
import { down } from "./commands/down.ts";
import { exec } from "./commands/exec.ts";
import { run } from "./commands/run.ts";
import { listScenarios, runScenarios } from "./commands/scenarios.ts";
import { ssh } from "./commands/ssh.ts";
import { prepareReport } from "./report/page/page.ts";
import { setUp } from "./setup/index.ts";
import { describePulumi } from "./setup/pulumi/index.ts";
import { Refusal } from "./setup/refusal.ts";

const usage = `npm run rehearse [-- OPTIONS]         run the whole path once
  --stack NAME                default: lab
  --keep                      keep the cluster running
  --json FILE                 write the result as JSON
  --report DIR                write what really happened as a page, DIR/index.html
npm run rehearse -- --list            name the scenarios
npm run rehearse -- --scenario NAME   run one, several (the option again) or all of them, in one datacenter
  --json FILE                 write the results as JSON
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
	process.exitCode = isWrongCall(error) ? 2 : error instanceof Refusal ? error.exitCode : 1;
}

function isWrongCall(error: unknown): boolean {
	// Errors of Node's parseArgs have such a code.
	return error instanceof UsageError || ((error as NodeJS.ErrnoException).code ?? "").startsWith("ERR_PARSE_ARGS_");
}

async function dispatch(command: string | undefined, rest: string[]): Promise<number> {
	switch (command) {
		case "exec":
			return exec(rest);
		case "ssh":
			return ssh(rest);
		case "down":
			return down(console.log);
		case "set-up":
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
			help: { type: "boolean", default: false },
		},
	});
	if (values.help) {
		console.log(usage);
		return 0;
	}
	if (values.list) {
		console.log(listScenarios().join("\n"));
		return 0;
	}
	if (values.json) {
		makeSureIsWritable(values.json);
	}
	if (values.report) {
		prepareReport(values.report);
	}
	if (values.scenario) {
		if (values.stack !== undefined || values.keep) {
			throw new UsageError("--scenario has a datacenter of its own; leave out --stack and --keep.");
		}
		return (await runScenarios({ names: values.scenario, json: values.json, report: values.report, say: console.log }))
			? 0
			: 1;
	}
	const ok = await run({
		stack: values.stack ?? "lab",
		keep: values.keep,
		json: values.json,
		report: values.report,
		say: console.log,
	});
	return ok ? 0 : 1;
}
