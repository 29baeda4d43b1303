/** Helm, as far as charts can be looked at without a cluster. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** Runs Helm and returns what it printed. Rejects with one sentence. */
export type Helm = (parameters: readonly string[], input?: string) => Promise<string>;

const outputLimit = 64 * 1024 * 1024;

/** Milliseconds for one download: a repository that takes longer counts as out of reach. */
const patience = 60_000;

/**
 * @param program the binary, by path or by name
 * @param home folder for everything that Helm writes, so that nobody's own repositories and cache have a say
 */
export function helmIn(home: string, program: string): Helm {
	const folders = ["CACHE", "CONFIG", "DATA"].map((kind) => [`HELM_${kind}_HOME`, join(home, kind.toLowerCase())]);
	const environment = { ...process.env, ...Object.fromEntries(folders) };
	return async (parameters, input = "") => {
		const running = promisify(execFile)(program, parameters, {
			env: environment,
			maxBuffer: outputLimit,
			timeout: patience,
		});
		// A program that is not there closes the pipe; the rejection below says so.
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
		return `helm gave no answer in ${patience / 1000} seconds`;
	}
	const [, reason = ""] = stderr.split("Error: ", 2);
	return reason.trim().replace(/\.?\s*\n\s*-?\s*/g, " ") || `helm ended with ${code}`;
}
