/** How every command ends: with a code, and with one sentence on standard error where it could not do its work. */
import { type CommandName, helpOf, usageOf } from "./catalogue.ts";
import { FileError, makeSureIsWritable, writeText } from "./files.ts";

/** A command is called in another way than its usage says. */
export class UsageError extends Error {}

/**
 * Runs a command and sets the exit code of the process: 0 where all is well; 1 where the command says that it is not, or
 * refuses what it was given; 2 where it is called wrongly, or with a file that cannot be read or written. What can only be
 * a mistake in the command itself keeps its stack trace.
 *
 * @param name of its npm script; `--help` prints what the catalogue says of it, and runs nothing
 * @param run resolves with whether all is well; an error's message is the sentence
 */
export async function runCommand(name: CommandName, run: () => boolean | Promise<boolean>): Promise<void> {
	if (process.argv.slice(2).some((argument) => argument === "--help" || argument === "-h")) {
		console.log(helpOf(name));
		return;
	}
	try {
		process.exitCode = (await run()) ? 0 : 1;
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
 * Where the result for machines goes. Asked for before the work begins, so that a file that cannot be written ends the
 * command at once.
 *
 * @param path of `--json`; `-` is standard output
 * @returns what writes it
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

/** What a command says to people: on standard error where standard output is for machines. */
export function sayTo(json: string | undefined): (line: string) => void {
	return json === "-" ? console.error : console.log;
}

/** One line for whoever waits at a terminal; nothing in a log. */
export function progress(line: string): void {
	if (process.stderr.isTTY) {
		console.error(line);
	}
}

/** The one file among the arguments of a command that takes one. */
export function onlyFile(positionals: readonly string[], fallback: string): string {
	const [path = fallback, ...others] = positionals;
	if (others.length > 0) {
		throw new UsageError(`One file at a time, found ${positionals.join(", ")}`);
	}
	return path;
}

/** The first sentence of what Node's parseArgs says; it goes on with advice about dashes. */
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
