/** Exit codes and error messages of every command. */
import { type CommandName, helpOf, usageOf } from "./catalogue.ts";
import { FileError, makeSureIsWritable, writeText } from "./files.ts";

/** The arguments of a command are wrong. */
export class UsageError extends Error {}

/**
 * Runs a command and sets the exit code of the process: 0 for success; 1 when the command reports a failure or throws; 2 for
 * wrong arguments, or a file that cannot be read or written. A defect of the command itself keeps its stack trace.
 *
 * @param name of its npm script; `--help` prints its entry of the catalogue, and runs nothing
 * @param run resolves with whether it succeeded, or with the exit code of a command that has further ones; the message of an
 * error is one sentence for the user
 */
export async function runCommand(
	name: CommandName,
	run: () => boolean | number | Promise<boolean | number>,
): Promise<void> {
	if (process.argv.slice(2).some((argument) => argument === "--help" || argument === "-h")) {
		console.log(helpOf(name));
		return;
	}
	try {
		const result = await run();
		process.exitCode = typeof result === "number" ? result : result ? 0 : 1;
	} catch (error) {
		const wrongCall = callMistake(error);
		if (wrongCall === undefined && isDefect(error)) {
			throw error;
		}
		const { message } = error as Error;
		console.error(wrongCall === undefined ? asSentence(message) : `${asSentence(wrongCall)} Usage: ${usageOf(name)}`);
		process.exitCode = wrongCall === undefined && !(error instanceof FileError) ? 1 : 2;
	}
}

/**
 * Opens the file of `--json`. Call it before the work begins, so that the command ends at once when the file is not writable.
 *
 * @param path of `--json`; `-` is standard output
 * @returns a function that writes the result
 */
export function resultFor(path: string | undefined): (result: unknown) => void {
	if (path === undefined) {
		return () => undefined;
	}
	const text = (result: unknown) => `${JSON.stringify(result, null, "\t")}\n`;
	if (path === "-") {
		return (result) => process.stdout.write(text(result));
	}
	makeSureIsWritable(path);
	return (result) => writeText(path, text(result));
}

/** Prints lines for people: on standard error when standard output has the JSON. */
export function sayTo(json: string | undefined): (line: string) => void {
	return json === "-" ? console.error : console.log;
}

/** Prints a line about progress at a terminal, and nothing in a log. */
export function progress(line: string): void {
	if (process.stderr.isTTY) {
		console.error(line);
	}
}

/** The file in the arguments of a command that takes one file. */
export function onlyFile(positionals: readonly string[], fallback: string): string {
	const [path = fallback, ...others] = positionals;
	if (others.length > 0) {
		throw new UsageError(`One file at a time, found ${positionals.join(", ")}`);
	}
	return path;
}

/** The first sentence of an error of Node's parseArgs; the others are advice about dashes. */
function callMistake(error: unknown): string | undefined {
	const { code = "", message } = error as NodeJS.ErrnoException;
	if (error instanceof UsageError) {
		return message;
	}
	return code.startsWith("ERR_PARSE_ARGS_") ? message.split(/\.\s/, 1)[0] : undefined;
}

function isDefect(error: unknown): boolean {
	return !(error instanceof Error) || [TypeError, ReferenceError, RangeError].some((kind) => error instanceof kind);
}

function asSentence(text: string): string {
	return text.replace(/\.?$/, ".");
}
