/** Starts the SDK's runners (`@pulumi/pulumi/cmd/*`), which load the program or the policy pack. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

export type Runner = "run" | "run-policy-pack";

/**
 * @param directory directory of the program or the pack. The runner uses its copy of the SDK and runs there.
 * @throws Error when the SDK is not installed there
 */
export function startRunner(
	runner: Runner,
	directory: string,
	args: readonly string[],
	options: Pick<SpawnOptions, "env" | "stdio">,
): ChildProcess {
	return spawn(process.execPath, [locate(runner, directory), ...args], { ...options, cwd: directory });
}

function locate(runner: Runner, directory: string): string {
	try {
		return createRequire(join(directory, "package.json")).resolve(`@pulumi/pulumi/cmd/${runner}`);
	} catch {
		throw new Error(`The Pulumi SDK is not installed for ${directory}; run npm ci --ignore-scripts.`);
	}
}
