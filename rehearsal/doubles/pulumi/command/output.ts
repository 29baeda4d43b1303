/** Output of a command as it arrives: kept per stream, together for an error, and shown line by line. */
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** A type alias, not an interface: only that is assignable to property values. */
export type CommandOutput = { stdout: string; stderr: string };

export class OutputCollector {
	/** Both streams in the order of arrival. */
	combined = "";
	readonly #kept: CommandOutput = { stdout: "", stderr: "" };
	readonly #logging: string;
	readonly #show: (line: string) => void;

	/** @param logging `stdout`, `stderr`, `stdoutAndStderr` or `none` */
	constructor(logging: string, show: (line: string) => void) {
		this.#logging = logging;
		this.#show = show;
	}

	attach(stream: keyof CommandOutput, source: Readable): void {
		const decoder = new StringDecoder("utf8");
		const shown = this.#logging === stream || this.#logging === "stdoutAndStderr";
		let rest = "";
		const take = (text: string) => {
			this.#kept[stream] += text;
			this.combined += text;
			const lines = (rest + text).split("\n");
			rest = lines.pop() ?? "";
			if (shown) {
				for (const line of lines) {
					this.#show(line.replace(/\r$/, ""));
				}
			}
		};
		source.on("data", (chunk: Buffer) => take(decoder.write(chunk)));
		source.on("end", () => {
			take(decoder.end());
			if (shown && rest) {
				this.#show(rest);
			}
		});
	}

	/** Without the last newline of each stream. */
	get output(): CommandOutput {
		return { stdout: this.#kept.stdout.replace(/\n$/, ""), stderr: this.#kept.stderr.replace(/\n$/, "") };
	}
}
