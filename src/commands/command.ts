/** How every command ends: with a code, and with one sentence on standard error where it could not do its work. */
import { FileError } from "./files.ts";

/** A command is called in another way than its usage says. */
export class UsageError extends Error {}

/**
 * Runs a command and sets the exit code of the process: 0 where all is well; 1 where the command says that it is not, or
 * refuses what it was given; 2 where it is called wrongly, or with a file that cannot be read or written. What can only be
 * a mistake in the command itself keeps its stack trace.
 *
 * @param usage how it is called, e.g. `npm run check -- [FILE]`
 * @param run resolves with whether all is well; an error's message is the sentence
 */
export async function runCommand(usage: string, run: () => boolean | Promise<boolean>): Promise<void> {
	try {
		process.exitCode = (await run()) ? 0 : 1;
	} catch (error) {
		const wrongCall = callMistake(error);
		if (wrongCall === undefined && isDefect(error)) {
			throw error;
		}
		const { message } = error as Error;
		console.error(wrongCall === undefined ? asSentence(message) : `${asSentence(wrongCall)} Usage: ${usage}`);
		process.exitCode = wrongCall === undefined && !(error instanceof FileError) ? 1 : 2;
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
