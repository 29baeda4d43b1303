/** Reads and writes the files that a user names. */
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { getSystemErrorMessage } from "node:util";

/** A file that the user named cannot be read or written. The message is one sentence with the file and the reason. */
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

/** Creates an empty file when there is none; an existing file stays as it is. */
export function makeSureIsWritable(path: string): void {
	attempt(`${path} cannot be written`, () => closeSync(openSync(path, "a")));
}

/** Creates a directory with its parents, unless it exists. */
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
