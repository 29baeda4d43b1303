/** Decodes the bytes of a stack file. */
import { ConfigurationError } from "./problems.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** First bytes of files that are not text. */
const forms: readonly [start: readonly number[], sentence: string][] = [
	[[0xff, 0xfe], "is UTF-16; save it as UTF-8."],
	[[0xfe, 0xff], "is UTF-16; save it as UTF-8."],
	[[0x1f, 0x8b], "is compressed with gzip; unpack it first."],
	[[0x28, 0xb5, 0x2f, 0xfd], "is compressed with zstd; unpack it first."],
	[[0xfd, 0x37, 0x7a, 0x58, 0x5a], "is compressed with xz; unpack it first."],
	[[0x42, 0x5a, 0x68], "is compressed with bzip2; unpack it first."],
	[[0x50, 0x4b, 0x03, 0x04], "is a zip archive; unpack it first."],
	[[0x7f, 0x45, 0x4c, 0x46], "is a program, not a stack file."],
];

/**
 * First and last of the characters that Pulumi's YAML parser refuses: https://yaml.org/spec/1.2.2/#51-character-set, and a
 * byte order mark within. UTF-8 has no surrogates.
 */
const forbidden: readonly [first: number, last: number][] = [
	[0x00, 0x08],
	[0x0b, 0x0c],
	[0x0e, 0x1f],
	[0x7f, 0x84],
	[0x86, 0x9f],
	[0xfeff, 0xfeff],
	[0xfffe, 0xffff],
];

/** @throws ConfigurationError with one sentence when Pulumi cannot read the text */
export function stackFileText(bytes: Uint8Array): string {
	const form = forms.find(([start]) => start.every((byte, index) => bytes[index] === byte));
	if (form) {
		throw refusal(form[1]);
	}
	const text = decoded(bytes);
	const index = indexOfForbidden(text);
	if (index >= 0) {
		const code = text.codePointAt(index)!.toString(16).toUpperCase().padStart(4, "0");
		throw refusal(`has a control character (U+${code}) in line ${lineOf(text, index)}, which no YAML file may have.`);
	}
	return text;
}

function indexOfForbidden(text: string): number {
	for (let index = 0; index < text.length; index += 1) {
		const code = text.charCodeAt(index);
		if (forbidden.some(([first, last]) => code >= first && code <= last)) {
			return index;
		}
	}
	return -1;
}

function decoded(bytes: Uint8Array): string {
	try {
		// The decoder drops a byte order mark, as Pulumi does.
		return utf8.decode(bytes);
	} catch {
		const line = bytes.subarray(0, validBytes(bytes)).filter((byte) => byte === 0x0a).length + 1;
		throw refusal(`is not UTF-8: line ${line} has a byte of another encoding such as Latin-1; save it as UTF-8.`);
	}
}

/** How many bytes from the start are UTF-8, with an error of one character. */
function validBytes(bytes: Uint8Array): number {
	let [valid, invalid] = [0, bytes.length];
	while (invalid - valid > 1) {
		const middle = (valid + invalid) >> 1;
		const partial = new TextDecoder("utf-8", { fatal: true });
		try {
			// An incomplete character at the end is no mistake of a stream.
			partial.decode(bytes.subarray(0, middle), { stream: true });
			valid = middle;
		} catch {
			invalid = middle;
		}
	}
	return valid;
}

function lineOf(text: string, index: number): number {
	return text.slice(0, index).split("\n").length;
}

function refusal(message: string): ConfigurationError {
	return new ConfigurationError([{ key: "stack file", message }]);
}
