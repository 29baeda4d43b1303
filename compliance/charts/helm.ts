/** Runs Helm, without a cluster. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** Runs Helm and returns what it printed. Rejects with one sentence. */
export type Helm = (parameters: readonly string[], input?: string) => Promise<string>;

const outputLimit = 64 * 1024 * 1024;

/** Milliseconds for one command: a repository that takes longer counts as out of reach. */
const timeout = 60_000;

/**
 * @param program the binary, by path or by name
 * @param home folder for all files of Helm, so that the user's own repositories and cache have no effect
 */
export function helmIn(home: string, program: string): Helm {
	const folders = ["CACHE", "CONFIG", "DATA"].map((kind) => [`HELM_${kind}_HOME`, join(home, kind.toLowerCase())]);
	const environment = { ...process.env, ...Object.fromEntries(folders) };
	return async (parameters, input = "") => {
		const running = promisify(execFile)(program, parameters, {
			env: environment,
			maxBuffer: outputLimit,
			timeout,
		});
		// A missing program closes the pipe; the rejection below names it.
		running.child.stdin?.on("error", () => {}).end(input);
		try {
			return (await running).stdout;
		} catch (error) {
			throw new Error(reasonOf(error, program), { cause: error });
		}
	};
}

function reasonOf(error: unknown, program: string): string {
	const { code, killed, stderr = "" } = error as { code?: string | number; killed?: boolean; stderr?: string };
	if (code === "ENOENT" || code === "EACCES") {
		return `${program} cannot be started (${code}): install Helm 3, or name it with --helm`;
	}
	if (killed) {
		return `helm gave no answer in ${timeout / 1000} seconds`;
	}
	const [, reason = ""] = stderr.split("Error: ", 2);
	return reason.trim().replace(/\.?\s*\n\s*-?\s*/g, " ") || `helm ended with ${code}`;
}
