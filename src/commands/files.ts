/** Reads and writes the files that a user names. */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
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

/** Writes a file that must not exist yet. */
export function createText(path: string, text: string): void {
	attempt(`${path} cannot be written`, () => writeFileSync(path, text, { flag: "wx" }));
}

/** Replaces a file in one step, so that a full disk leaves the old one. */
export function replaceText(path: string, text: string): void {
	const partial = `${path}.${process.pid}.partial`;
	attempt(`${path} cannot be written`, () => {
		try {
			writeFileSync(partial, text, { flag: "wx", mode: statSync(path).mode });
			renameSync(partial, path);
		} finally {
			rmSync(partial, { force: true });
		}
	});
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
