/** Chooses between the real engine and the embedded host. */
import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { UsageError } from "../../src/commands/command.ts";
import { embeddedEngine } from "./embedded/index.ts";
import type { Engine, EngineName } from "./engine.ts";

interface Plugin {
	name: string;
	version: string;
	/** Where it is downloaded from, when that is not Pulumi's own place. */
	server?: string;
}

/** Milliseconds for the download of one plugin. */
const INSTALL_TIMEOUT = 120_000;

/** @throws UsageError when no engine has that name */
export function engineName(text: string | undefined): EngineName | undefined {
	if (text === undefined || text === "pulumi" || text === "embedded") {
		return text;
	}
	throw new UsageError(`--engine must be pulumi or embedded, found ${text}.`);
}

/**
 * The engine of that name, or without one the first that works: the CLI where it and the plugins of the project's
 * packages are, else the embedded host, whose description then says why.
 *
 * @throws one sentence when the CLI is asked for and cannot run
 */
export async function findEngine(name: EngineName | undefined, projectDirectory: string): Promise<Engine> {
	if (name === "embedded") {
		return embeddedEngine();
	}
	const cli = await findCli();
	const obstacle = cli ? await missingPlugins(cli.path, projectDirectory) : "there is no `pulumi` on PATH";
	if (cli && !obstacle) {
		const { pulumiEngine } = await import("./pulumi/index.ts");
		return pulumiEngine(cli.version, cli.path);
	}
	if (name === "pulumi") {
		throw new Error(
			`The engine "pulumi" cannot run because ${obstacle}; put the CLI on PATH and its plugins under PULUMI_HOME, or use --engine embedded.`,
		);
	}
	const embedded = embeddedEngine();
	return { ...embedded, description: `${embedded.description}; not the Pulumi CLI, because ${obstacle}` };
}

async function findCli(): Promise<{ path: string; version: string } | undefined> {
	const path = onPath("pulumi");
	if (!path) {
		return undefined;
	}
	const { stdout } = await promisify(execFile)(path, ["version"], {
		env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "1" },
	});
	return { path, version: stdout.trim() };
}

/** Which plugins are not on PATH, nor under PULUMI_HOME, nor to be had. */
async function missingPlugins(pulumi: string, projectDirectory: string): Promise<string | undefined> {
	const absent: string[] = [];
	for (const plugin of plugins(projectDirectory)) {
		if (!isInstalled(plugin) && !(await install(pulumi, plugin))) {
			absent.push(`${plugin.name} ${plugin.version}`);
		}
	}
	return absent.length === 0 ? undefined : `it lacks the plugin ${absent.join(", ")} and cannot download it`;
}

function isInstalled({ name, version }: Plugin): boolean {
	const home = process.env.PULUMI_HOME ?? join(homedir(), ".pulumi");
	const file = join(home, "plugins", `resource-${name}-v${version}`, `pulumi-resource-${name}`);
	return existsSync(file) || onPath(`pulumi-resource-${name}`) !== undefined;
}

async function install(pulumi: string, { name, version, server }: Plugin): Promise<boolean> {
	if (process.env.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION === "true") {
		return false;
	}
	const args = ["plugin", "install", "resource", name, version, ...(server ? ["--server", server] : [])];
	try {
		await promisify(execFile)(pulumi, args, { timeout: INSTALL_TIMEOUT });
		return true;
	} catch {
		return false;
	}
}

/** Plugins that the project's dependencies ask for: the `pulumi` section of their package.json. */
function plugins(projectDirectory: string): Plugin[] {
	const require = createRequire(join(projectDirectory, "package.json"));
	const project = manifest(join(projectDirectory, "package.json"));
	return Object.keys(project.dependencies ?? {}).flatMap((dependency) => {
		const file = findManifest(require.resolve.paths(dependency) ?? [], dependency);
		const { pulumi, version } = manifest(file);
		if (!pulumi?.resource) {
			return [];
		}
		const name =
			pulumi.name ??
			dependency
				.split("/")
				.at(-1)!
				.replace(/^pulumi-/, "");
		return [{ name, version: (pulumi.version ?? version).replace(/^v/, ""), server: pulumi.server }];
	});
}

interface Manifest {
	version: string;
	dependencies?: Record<string, string>;
	pulumi?: { resource?: boolean; name?: string; version?: string; server?: string };
}

function manifest(file: string): Manifest {
	return JSON.parse(readFileSync(file, "utf8"));
}

function findManifest(directories: string[], dependency: string): string {
	const file = directories.map((directory) => join(directory, dependency, "package.json")).find(existsSync);
	if (!file) {
		throw new Error(`The package ${dependency} is not installed; run npm ci --ignore-scripts.`);
	}
	return file;
}

function onPath(program: string): string | undefined {
	const directories = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
	return directories.map((directory) => join(directory, program)).find(isExecutable);
}

function isExecutable(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
