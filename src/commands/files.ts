/** Files that a person names to a command. */
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { getSystemErrorMessage } from "node:util";

/** A file that a person named cannot be read or written; the message is a sentence that says which and why. */
export class FileError extends Error {}

export function readText(path: string): string {
	return attempt(`${path} cannot be read`, () => readFileSync(path, "utf8"));
}

export function readBytes(path: string): Uint8Array {
	return attempt(`${path} cannot be read`, () => readFileSync(path));
}

export function writeText(path: string, text: string): void {
	attempt(`${path} cannot be written`, () => writeFileSync(path, text));
}

/** Makes an empty file where there is none, and leaves one that is there as it is. */
export function makeSureIsWritable(path: string): void {
	attempt(`${path} cannot be written`, () => closeSync(openSync(path, "a")));
}

/** With its parents; nothing where it is there. */
export function makeDirectory(path: string): void {
	attempt(`${path} cannot be made`, () => mkdirSync(path, { recursive: true }));
}

function attempt<T>(failure: string, action: () => T): T {
	try {
		return action();
	} catch (error) {
		const { errno } = error as NodeJS.ErrnoException;
		if (errno === undefined) {
			throw error;
		}
		throw new FileError(`${failure}: ${getSystemErrorMessage(errno)}.`, { cause: error });
	}
}
