/** Keys in OpenSSH form, and private ones in PEM form as well. */

const privateKey =
	/^-----BEGIN (OPENSSH |RSA |EC |)PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)-----END (?:OPENSSH |RSA |EC |)PRIVATE KEY-----\s*$/;

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

/** How the bytes of a key in OpenSSH's form begin when it has no passphrase. */
const unlocked = "openssh-key-v1\0\0\0\0\x04none";

/** Whether a text is a private key that needs no passphrase. OpenSSH's form names the cipher: openssh-portable, PROTOCOL.key. */
export function isUnlockedPrivateKey(text: string): boolean {
	const [, form, base64 = ""] = privateKey.exec(text) ?? [];
	const bytes = Buffer.from(base64, "base64");
	return form === "OPENSSH " ? bytes.toString("latin1", 0, unlocked.length) === unlocked : form !== undefined;
}

/** A text of the form of a private key that opens nothing, for a preview without secrets. */
export function placeholderPrivateKey(text: string): string {
	const base64 = Buffer.from(`${unlocked}${text}`, "latin1").toString("base64");
	return `-----BEGIN OPENSSH PRIVATE KEY-----\n${base64}\n-----END OPENSSH PRIVATE KEY-----\n`;
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
