/** Collects the output of a command: for each stream, combined for an error message, and line by line for the display. */
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** A type alias, because an interface is not assignable to property values. */
export type CommandOutput = { stdout: string; stderr: string };

export class OutputCollector {
	/** Both streams in the order of arrival. */
	combined = "";
	readonly #kept: CommandOutput = { stdout: "", stderr: "" };
	readonly #logging: string;
	readonly #display: (line: string) => void;

	/** @param logging `stdout`, `stderr`, `stdoutAndStderr` or `none` */
	constructor(logging: string, display: (line: string) => void) {
		this.#logging = logging;
		this.#display = display;
	}

	attach(stream: keyof CommandOutput, source: Readable): void {
		const decoder = new StringDecoder("utf8");
		const displayed = this.#logging === stream || this.#logging === "stdoutAndStderr";
		let rest = "";
		const take = (text: string) => {
			this.#kept[stream] += text;
			this.combined += text;
			const lines = (rest + text).split("\n");
			rest = lines.pop() ?? "";
			if (displayed) {
				for (const line of lines) {
					this.#display(line.replace(/\r$/, ""));
				}
			}
		};
		source.on("data", (chunk: Buffer) => take(decoder.write(chunk)));
		source.on("end", () => {
			take(decoder.end());
			if (displayed && rest) {
				this.#display(rest);
			}
		});
	}

	/** Without the last newline of each stream. */
	get output(): CommandOutput {
		return { stdout: this.#kept.stdout.replace(/\n$/, ""), stderr: this.#kept.stderr.replace(/\n$/, "") };
	}
}
