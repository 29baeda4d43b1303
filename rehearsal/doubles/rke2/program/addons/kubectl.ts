import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Paths } from "../paths.ts";

const run = promisify(execFile);

/**
 * Applies manifest files on the server side, as this server's administrator.
 * @throws an Error with the message of kubectl
 */
export async function applyManifest(paths: Paths, file: string, signal: AbortSignal): Promise<void> {
	const args = [
		`--kubeconfig=${join(paths.credentials, "supervisor.kubeconfig")}`,
		`--cache-dir=${join(paths.agent, "kubectl-cache")}`,
		"apply",
		"--server-side",
		"--force-conflicts",
		"--field-manager=rke2-deploy",
		`--filename=${file}`,
	];
	try {
		await run(join(paths.binaries, "kubectl"), args, { signal });
	} catch (error) {
		const stderr = (error as { stderr?: string }).stderr?.trim();
		throw new Error(stderr || String(error));
	}
}
