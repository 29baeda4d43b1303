/** Public keys in OpenSSH form. */

/**
 * Whether the base64 after the type is a key of that type. RFC 4253, section 6.6: each field begins with its length in four
 * bytes, and the first field repeats the type.
 *
 * @param text `type base64`, optionally with a comment after it
 */
export function isPublicKey(text: string): boolean {
	const [type = "", base64 = ""] = text.split(" ");
	const fields = fieldsOf(Buffer.from(base64, "base64"));
	return /^[A-Za-z0-9+/]+={0,2}$/.test(base64) && fields.length >= 2 && fields[0] === type;
}

/** @returns the fields as Latin-1, or an empty list when the bytes end within a field */
function fieldsOf(bytes: Buffer): string[] {
	const fields: string[] = [];
	let at = 0;
	while (at < bytes.length) {
		const length = at + 4 <= bytes.length ? bytes.readUInt32BE(at) : Number.POSITIVE_INFINITY;
		if (length > bytes.length - at - 4) {
			return [];
		}
		fields.push(bytes.toString("latin1", at + 4, at + 4 + length));
		at += 4 + length;
	}
	return fields;
}
