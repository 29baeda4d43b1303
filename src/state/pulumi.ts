import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/**
 * Runs Pulumi's CLI in the current directory.
 *
 * @param input for its standard input, so that no file has a secret
 * @returns its standard output
 * @throws Error with what it wrote to standard error
 */
export async function pulumi(parameters: readonly string[], input = ""): Promise<string> {
	const cli = spawn("pulumi", [...parameters, "--non-interactive", "--color", "never"], {
		stdio: ["pipe", "pipe", "pipe"],
	});
	const ended = new Promise<number | null>((resolve, reject) => {
		cli.on("error", () => reject(new Error("pulumi cannot be run: it is not on PATH")));
		cli.on("close", resolve);
	});
	cli.stdin.on("error", () => undefined);
	cli.stdin.end(input);
	const [status, printed, complaint] = await Promise.all([ended, text(cli.stdout), text(cli.stderr)]);
	if (status !== 0) {
		throw new Error(`pulumi ${parameters.slice(0, 2).join(" ")}: ${complaint.trim() || `ended with ${status}`}`);
	}
	return printed;
}
