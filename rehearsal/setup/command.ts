import { execFile } from "node:child_process";
import { promisify } from "node:util";

export type Command = readonly [program: string, ...args: string[]];

interface CommandOptions {
	environment?: Record<string, string>;
	directory?: string;
	/** Milliseconds; without it a command may take as long as it wants. */
	timeout?: number;
}

const outputLimit = 64 * 1024 * 1024;

/**
 * Runs a command and returns its standard output.
 * @throws Error that names the command and ends with the last lines it wrote to standard error.
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

/** What a person wants to see of a long log: its last lines that are not empty. */
export function lastLines(text: string, count = 6): string {
	return text
		.split("\n")
		.map((line) => line.trim())
		.filter((line) => line !== "")
		.slice(-count)
		.join("\n");
}
