import { execFile } from "node:child_process";
import { promisify } from "node:util";

export type Command = readonly [program: string, ...args: string[]];

interface CommandOptions {
	environment?: Record<string, string>;
	directory?: string;
	/** Milliseconds. Default: no timeout. */
	timeout?: number;
}

const outputLimit = 64 * 1024 * 1024;

/**
 * Runs a command and returns its standard output.
 * @throws Error with the command and the last lines of its standard error.
 */
export async function execute([program, ...args]: Command, options: CommandOptions = {}): Promise<string> {
	try {
		const { stdout } = await promisify(execFile)(program, args, {
			env: { ...process.env, ...options.environment },
			cwd: options.directory,
			timeout: options.timeout,
			maxBuffer: outputLimit,
		});
		return stdout;
	} catch (error) {
		const { code, stderr } = error as { code?: string | number; stderr?: string };
		const reason = code === "ENOENT" ? "the program was not found" : lastLines(stderr ?? "") || `exit status ${code}`;
		throw new Error(`\`${[program, ...args].join(" ")}\` failed: ${reason}`, { cause: error });
	}
}

/** The last lines of a log that are not empty. */
export function lastLines(text: string, count = 6): string {
	return text
		.split("\n")
		.map((line) => line.trim())
		.filter((line) => line !== "")
		.slice(-count)
		.join("\n");
}
