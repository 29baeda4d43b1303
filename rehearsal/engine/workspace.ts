/** Pulumi workspaces beside the state, so that the project directory and its stack files do not change. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { LocalWorkspace, type PulumiCommand, Stack, type Workspace } from "@pulumi/pulumi/automation/index.js";
import { parse, stringify } from "yaml";
import type { EngineOptions } from "./engine.ts";
import { passphraseOf } from "./passphrase.ts";
import { readProject } from "./project.ts";

/**
 * Opens or creates the stack in a file backend in the state directory.
 *
 * @param plugins directory of the CLI's plugins
 */
export async function openStack(options: EngineOptions, pulumiCommand: PulumiCommand, plugins: string): Promise<Stack> {
	const project = readProject(options.projectDirectory);
	const workDir = join(options.stateDirectory, "workspace");
	mkdirSync(workDir, { recursive: true, mode: 0o700 });
	// The CLI writes logs and settings beside its plugins. Each stack has its own.
	const pulumiHome = join(options.stateDirectory, "home");
	if (!existsSync(pulumiHome)) {
		mkdirSync(pulumiHome, { mode: 0o700 });
		symlinkSync(plugins, join(pulumiHome, "plugins"));
	}
	const workspace = await LocalWorkspace.create({
		workDir,
		pulumiCommand,
		pulumiHome,
		envVars: environmentOf(options),
		projectSettings: {
			name: project.name,
			runtime: { name: "nodejs", options: { typescript: false } },
			main: join(project.programDirectory, project.entry),
			backend: { url: `file://${options.stateDirectory}` },
		},
	});
	const stack = await Stack.createOrSelect(options.stack, workspace);
	// The summary that the library adds to a result costs a call of the CLI, and no one reads it.
	stack.info = async () => undefined;
	return stack;
}

function environmentOf({ environment, ...options }: EngineOptions): Record<string, string> {
	const authority = environment.NODE_EXTRA_CA_CERTS;
	return {
		...environment,
		// The CLI runs the program with the first Node on PATH. It has to be this one, which strips types.
		PATH: [dirname(process.execPath), environment.PATH ?? process.env.PATH].join(delimiter),
		PULUMI_CONFIG_PASSPHRASE: passphraseOf({ environment, ...options }),
		PULUMI_SKIP_UPDATE_CHECK: "1",
		// The CLI writes the whole state at each step, which is four fifths of its work in a destroy (measured with
		// `--profiling`). These two settings save a third of it.
		PULUMI_DIY_BACKEND_ZSTD: "true",
		GOGC: "400",
		// The Kubernetes provider leaves a copy of the kubeconfig in each run (pulumi-kubernetes, provider/pkg/provider/util.go).
		TMPDIR: temporaryOf(options),
		// Only plugins of the home directory: a plugin on PATH may have another version.
		PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
		PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
		// The plugins have to trust the same authority as Node. Go programs read it from another variable.
		...(authority ? { SSL_CERT_FILE: authority } : {}),
	};
}

function temporaryOf({ stateDirectory }: Pick<EngineOptions, "stateDirectory">): string {
	const directory = join(stateDirectory, "tmp");
	mkdirSync(directory, { recursive: true, mode: 0o700 });
	return directory;
}

/**
 * Configures the stack: plain values are written into its file; the CLI encrypts secrets, which it gets by stdin.
 *
 * @param known secrets that the file has already; this function updates it
 */
export async function configure(
	{ workspace }: Stack,
	options: EngineOptions,
	known: Map<string, string>,
): Promise<void> {
	const file = join(workspace.workDir, `Pulumi.${options.stack}.yaml`);
	const settings = existsSync(file) ? parse(readFileSync(file, "utf8")) : {};
	const entries = Object.entries(options.config);
	const isNew = ([key, { value }]: (typeof entries)[number]) => known.get(key) !== value;
	const [plain, secret] = [entries.filter(([, { secret }]) => !secret), entries.filter(([, { secret }]) => secret)];
	const config = Object.fromEntries([
		...plain.map(([key, { value }]) => [key, value]),
		...secret.filter((entry) => !isNew(entry)).map(([key]) => [key, settings.config[key]]),
	]);
	writeFileSync(file, stringify({ ...settings, config }), { mode: 0o600 });
	for (const [key, { value }] of secret.filter(isNew)) {
		await setSecret(workspace, options.stack, key, value);
		known.set(key, value);
	}
}

/** The automation API would pass the value as an argument, which every user of the computer can read. */
async function setSecret(
	{ workDir, envVars, pulumiCommand }: Workspace,
	stack: string,
	key: string,
	value: string,
): Promise<void> {
	const args = ["config", "set", "--secret", key, "--stack", stack, "--non-interactive"];
	const child = spawn(pulumiCommand.command, args, { cwd: workDir, env: { ...process.env, ...envVars } });
	child.stdin.end(value);
	child.stdout.resume();
	const errors = text(child.stderr);
	const [code] = (await once(child, "close")) as [number | null];
	if (code !== 0) {
		throw new Error(`The CLI did not take the secret ${key}: ${(await errors).trim()}`);
	}
}
