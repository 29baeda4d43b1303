/** The files that the CLI keeps of a stack, as text. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";

/** The first bytes of a file that zstd packed: RFC 8878, 3.1.1. */
const zstdMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** Content by path, of every file below the directory. A file that the CLI has packed is unpacked. */
export function textsUnder(directory: string): Map<string, string> {
	const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
	return new Map(
		files.map(({ parentPath, name }) => {
			const content = readFileSync(join(parentPath, name));
			const packed = content.subarray(0, zstdMagic.length).equals(zstdMagic);
			return [join(parentPath, name), (packed ? zstdDecompressSync(content) : content).toString("utf8")];
		}),
	);
}
