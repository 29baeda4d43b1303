import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Writes through a rename, so that a power cut leaves the old or the new file. Missing parents get mode 0700. */
export function writeFileAtomically(path: string, content: string | Buffer, mode: number): void {
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	const temporary = `${path}.new`;
	writeFileSync(temporary, content, { mode });
	chmodSync(temporary, mode);
	renameSync(temporary, path);
}

export function readIfPresent(path: string): string | undefined {
	return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
