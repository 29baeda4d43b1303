/** The embedded host: an engine for rehearsals and tests. README.md in this folder says what it does not do. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Engine, EngineOptions, EngineResult, StackOutput } from "../engine.ts";
import { passphraseOf } from "../passphrase.ts";
import { type Project, readProject } from "../project.ts";
import { Recorder } from "../recorder.ts";
import { Deployment } from "./deployment.ts";
import { type Monitor, startMonitor } from "./monitor.ts";
import { startRunner } from "./node-process.ts";
import { PackFailure, Policies } from "./policies.ts";
import { Stopped } from "./progress.ts";
import { State } from "./state.ts";
import { isSecret, plain } from "./wire.ts";

export function embeddedEngine(): Engine {
	return {
		name: "embedded",
		description: `embedded host, Node ${process.versions.node}`,
		preview: (options) => runProgram(options, true),
		up: (options) => runProgram(options, false),
		destroy,
		outputs,
	};
}

async function runProgram(options: EngineOptions, dryRun: boolean): Promise<EngineResult> {
	const recorder = new Recorder(options);
	const project = readProject(options.projectDirectory);
	const monitor = await startMonitor(recorder);
	const workDirectory = makeWorkDirectory(options);
	const pack = options.policyPack
		? Policies.start(options.policyPack, monitor.address, options, dryRun, recorder)
		: undefined;
	// Pack and program start side by side. What the program registers waits for the pack, and stops when the pack fails.
	const policies = pack?.catch((): never => {
		throw new Stopped();
	});
	policies?.catch(() => {});
	try {
		const state = openState(options);
		const deployment = new Deployment({
			options,
			project: project.name,
			dryRun,
			state,
			recorder,
			policies,
			workDirectory,
		});
		monitor.serve(deployment);
		const exitCode = await program(options, project, monitor, dryRun, recorder);
		await pack;
		if (exitCode === 0) {
			return recorder.result(await deployment.finish());
		}
		await deployment.abandon();
		if (!recorder.explainsFailure) {
			recorder.diagnostic("error", `The program ended with exit code ${exitCode}.`);
		}
		return recorder.result(false);
	} catch (error) {
		if (!(error instanceof PackFailure)) {
			throw error;
		}
		recorder.diagnostic("error", error.message);
		return recorder.result(false);
	} finally {
		(await policies?.catch(() => undefined))?.stop();
		monitor.close();
		rmSync(workDirectory, { recursive: true, force: true });
	}
}

/** Runs the program as the CLI's Node language host does, with the SDK's own runner. */
async function program(
	options: EngineOptions,
	project: Project,
	monitor: Monitor,
	dryRun: boolean,
	recorder: Recorder,
) {
	const { config, environment, projectDirectory, stack } = options;
	const values = Object.fromEntries(Object.entries(config).map(([key, { value }]) => [key, value]));
	const secretKeys = Object.keys(config).filter((key) => config[key]?.secret);
	const args = [
		`--monitor=${monitor.address}`,
		`--engine=${monitor.address}`,
		`--project=${project.name}`,
		`--stack=${stack}`,
		"--organization=organization",
		"--parallel=16",
		...(dryRun ? ["--dry-run"] : []),
		`--pwd=${project.programDirectory}`,
		`--root-directory=${projectDirectory}`,
		project.entry,
	];
	const runner = startRunner(
		"cmd/run",
		args,
		project.programDirectory,
		{
			...process.env,
			...environment,
			PULUMI_NODEJS_TYPESCRIPT: "false",
			PULUMI_CONFIG: JSON.stringify(values),
			PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
		},
		(line) => recorder.diagnostic("info", line),
	);
	return runner.ended;
}

/** Works from the state alone; the program does not run. */
async function destroy(options: EngineOptions): Promise<EngineResult> {
	const recorder = new Recorder(options);
	const project = readProject(options.projectDirectory);
	const workDirectory = makeWorkDirectory(options);
	try {
		const state = openState(options);
		const deployment = new Deployment({
			options,
			project: project.name,
			dryRun: false,
			state,
			recorder,
			workDirectory,
		});
		return recorder.result(await deployment.remove([...state.replaced, ...state.resources.values()]));
	} finally {
		rmSync(workDirectory, { recursive: true, force: true });
	}
}

async function outputs(options: EngineOptions): Promise<Record<string, StackOutput>> {
	const stack = [...openState(options).resources.values()].find(({ type }) => type === "pulumi:pulumi:Stack");
	return Object.fromEntries(
		Object.entries(stack?.outputs ?? {}).map(([name, value]) => [
			name,
			{ value: plain(value), secret: isSecret(value) },
		]),
	);
}

/** Beside the state, and not a new one each time: what a killed operation leaves in it goes with the next. */
function makeWorkDirectory({ stateDirectory }: EngineOptions): string {
	const directory = join(stateDirectory, "work");
	rmSync(directory, { recursive: true, force: true });
	mkdirSync(directory, { recursive: true, mode: 0o700 });
	return directory;
}

function openState(options: EngineOptions): State {
	return new State(join(options.stateDirectory, `${options.stack}.json`), passphraseOf(options));
}
