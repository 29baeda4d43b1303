/** A workspace of the engine's own beside its state: the user's project directory and stack files stay untouched. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { LocalWorkspace, Stack } from "@pulumi/pulumi/automation/index.js";
import { parse, stringify } from "yaml";
import type { EngineOptions } from "../engine.ts";
import { passphraseOf } from "../passphrase.ts";
import { readProject } from "../project.ts";

/** The stack with the configuration of the options, made if need be, in a file backend under the state directory. */
export async function openStack(options: EngineOptions): Promise<Stack> {
	const project = readProject(options.projectDirectory);
	const workDir = join(options.stateDirectory, "workspace");
	mkdirSync(workDir, { recursive: true, mode: 0o700 });
	const envVars = environmentOf(options);
	const workspace = await LocalWorkspace.create({
		workDir,
		envVars,
		projectSettings: {
			name: project.name,
			runtime: { name: "nodejs", options: { typescript: false } },
			main: join(project.programDirectory, project.entry),
			backend: { url: `file://${options.stateDirectory}` },
		},
	});
	const stack = await Stack.createOrSelect(options.stack, workspace);
	await writeConfig(options, workDir, envVars);
	return stack;
}

function environmentOf({ environment, ...options }: EngineOptions): Record<string, string> {
	const authority = environment.NODE_EXTRA_CA_CERTS;
	return {
		...environment,
		// The CLI runs the program with the first Node it finds: it has to be this one, which strips types.
		PATH: [dirname(process.execPath), environment.PATH ?? process.env.PATH].join(delimiter),
		PULUMI_CONFIG_PASSPHRASE: passphraseOf({ environment, ...options }),
		PULUMI_SKIP_UPDATE_CHECK: "1",
		// What Node trusts, the plugins have to trust: they are Go programs.
		...(authority ? { SSL_CERT_FILE: authority } : {}),
	};
}

/** Plain values straight into the stack file; secrets through the CLI, which encrypts them, by stdin. */
async function writeConfig(options: EngineOptions, workDir: string, environment: NodeJS.ProcessEnv): Promise<void> {
	const file = join(workDir, `Pulumi.${options.stack}.yaml`);
	const settings = existsSync(file) ? parse(readFileSync(file, "utf8")) : {};
	const entries = Object.entries(options.config);
	const config = Object.fromEntries(
		entries.filter(([, { secret }]) => !secret).map(([key, { value }]) => [key, value]),
	);
	writeFileSync(file, stringify({ ...settings, config }), { mode: 0o600 });
	for (const [key, { value }] of entries.filter(([, { secret }]) => secret)) {
		await pulumi(["config", "set", "--secret", key, "--stack", options.stack], workDir, environment, value);
	}
}

async function pulumi(args: string[], cwd: string, environment: NodeJS.ProcessEnv, input: string): Promise<void> {
	const child = spawn("pulumi", [...args, "--non-interactive"], { cwd, env: { ...process.env, ...environment } });
	child.stdin.end(input);
	const errors = text(child.stderr);
	child.stdout.resume();
	const [code] = (await once(child, "close")) as [number | null];
	if (code !== 0) throw new Error(`pulumi ${args.slice(0, 2).join(" ")} ${args[3]} failed: ${(await errors).trim()}`);
}
