/**
 * The digest of a file in a list of SHA-256 digests, in the form of `sha256sum` or in the BSD form of `CHECKSUM` files.
 *
 * @returns lower case; nothing when the list does not have the file
 */
export function digestIn(list: string, file: string): string | undefined {
	for (const line of list.split("\n")) {
		const [first = "", ...rest] = line.trim().split(/\s+/);
		const [name = "", equals, digest = ""] = rest;
		if (isDigest(first) && name.replace(/^\*/, "").replace(/^\.\//, "") === file) {
			return first.toLowerCase();
		}
		if (first === "SHA256" && name === `(${file})` && equals === "=" && isDigest(digest)) {
			return digest.toLowerCase();
		}
	}
	return undefined;
}

function isDigest(text: string): boolean {
	return /^[0-9a-fA-F]{64}$/.test(text);
}
