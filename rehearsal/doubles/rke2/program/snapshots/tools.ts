import { execFile } from "node:child_process";
import { join } from "node:path";
import type { Paths } from "../paths.ts";

/**
 * Runs the double's own program with RKE2's libraries for S3 and for schedules, and returns its output.
 * @param input goes to standard input: credentials belong there, and not into an argument
 * @throws Error with the message of the library
 */
export async function snapshotTools(paths: Paths, args: string[], input = ""): Promise<string> {
	return new Promise((resolve, reject) => {
		const child = execFile(join(paths.binaries, "snapshot-tools"), args, (error, stdout, stderr) => {
			if (error) {
				reject(new Error(stderr.trimEnd().split("\n").at(-1) || error.message));
			} else {
				resolve(stdout);
			}
		});
		// A program that cannot be started reports that in its own error.
		child.stdin?.on("error", () => undefined);
		child.stdin?.end(input);
	});
}
