/** Finds installed parts of Pulumi: the CLI on PATH, and plugins in PULUMI_HOME or on PATH. */
import { accessSync, constants, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import semver from "semver";
import { execute } from "../command.ts";
import type { Plugin } from "./requirements.ts";

const versionTimeout = 10_000;

/**
 * The CLI on PATH, with its language host beside it. It must be as new as the SDK and have the same major version, because
 * an older CLI may not have what the SDK needs.
 */
export async function installedCli(
	wanted: string,
): Promise<{ cli: string; languageHost: string; version: string } | undefined> {
	const found = onPath("pulumi");
	// Follows symbolic links, as the CLI does to find files beside it.
	const cli = found && realpathSync(found);
	const version = cli && (await versionOf(cli, "version"));
	if (!cli || !version || semver.lt(version, wanted) || semver.major(version) !== semver.major(wanted)) {
		return undefined;
	}
	const languageHost = join(dirname(cli), "pulumi-language-nodejs");
	return isExecutable(languageHost) ? { cli, languageHost, version } : undefined;
}

/** The plugin with exactly this version. A plugin on PATH is used only when it supports `--version`. */
export async function installedPlugin({ name, version }: Plugin): Promise<string | undefined> {
	const file = `pulumi-resource-${name}`;
	const home = process.env.PULUMI_HOME ?? join(homedir(), ".pulumi");
	const installed = join(home, "plugins", `resource-${name}-v${version}`, file);
	if (isExecutable(installed)) {
		return installed;
	}
	const found = onPath(file);
	return found && (await versionOf(found, "--version")) === version ? found : undefined;
}

/** @returns undefined when the program prints no version */
async function versionOf(program: string, parameter: string): Promise<string | undefined> {
	const environment = { PULUMI_SKIP_UPDATE_CHECK: "1" };
	const printed = await execute([program, parameter], { environment, timeout: versionTimeout }).catch(() => "");
	return semver.clean(printed.trim()) ?? undefined;
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
