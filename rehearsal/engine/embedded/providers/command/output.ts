/** Output of a command as it arrives: kept per stream, together for an error, and logged line by line. */
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** A type alias, not an interface: only that is assignable to property values. */
export type CommandOutput = { stdout: string; stderr: string };

export class OutputCollector {
	/** Both streams in the order of arrival. */
	combined = "";
	readonly #kept: CommandOutput = { stdout: "", stderr: "" };
	readonly #logging: string;
	readonly #log: (line: string) => void;

	/** @param logging `stdout`, `stderr`, `stdoutAndStderr` or `none` */
	constructor(logging: string, log: (line: string) => void) {
		this.#logging = logging;
		this.#log = log;
	}

	attach(stream: keyof CommandOutput, source: Readable): void {
		const decoder = new StringDecoder("utf8");
		const logged = this.#logging === stream || this.#logging === "stdoutAndStderr";
		let rest = "";
		source.on("data", (chunk: Buffer) => {
			const text = decoder.write(chunk);
			this.#kept[stream] += text;
			this.combined += text;
			const lines = (rest + text).split("\n");
			rest = lines.pop() ?? "";
			if (logged) {
				lines.forEach(this.#log);
			}
		});
		source.on("end", () => {
			if (logged && rest) {
				this.#log(rest);
			}
		});
	}

	/** Without the last newline of each stream. */
	get output(): CommandOutput {
		return { stdout: this.#kept.stdout.replace(/\n$/, ""), stderr: this.#kept.stderr.replace(/\n$/, "") };
	}
}

/** Environment by which the output of the run before reaches the next one. */
export function previousOutput({ stdout, stderr }: Partial<CommandOutput>): NodeJS.ProcessEnv {
	return {
		...(stdout ? { PULUMI_COMMAND_STDOUT: stdout } : {}),
		...(stderr ? { PULUMI_COMMAND_STDERR: stderr } : {}),
	};
}

/** As the plugin words it: it prints the command line and all output, so neither may hold a secret. */
export function failure(status: string, command: string, output: string): Error {
	return new Error(`${status}: running ${JSON.stringify(command)}:\n${output}`);
}
