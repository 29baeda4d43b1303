/**
 * Templates of texts: a text with placeholders such as `https://<address>:6443`. A placeholder stands for a value that the
 * stack file or another resource gives, and says which values are possible there.
 */
import { endsInNumber, hasValidPort, hostOf } from "../../../src/config/formats/hosts.ts";
import { isListedKernelSetting } from "../../../src/config/formats/kernel-settings.ts";
import { networkOf } from "../../../src/config/formats/networks.ts";
import { isPublicKey } from "../../../src/config/formats/ssh-keys.ts";

export type FormatName =
	| "digest"
	| "network"
	| "address"
	| "networks"
	| "hash"
	| "number"
	| "quantity"
	| "version"
	| "image"
	| "name"
	| "file"
	| "hostport"
	| "https"
	| "url"
	| "hostkey"
	| "sshkey"
	| "sysctl"
	| "renewal"
	| "certificate"
	| "key"
	| "base64"
	| "words"
	| "word"
	| "line"
	| "secret"
	| "text";

interface Format {
	/** For people: the end of the sentence "it stands for ...". */
	meaning: string;
	pattern: string;
	/** What the pattern alone cannot say. */
	accepts?: (text: string) => boolean;
}

const octet = String.raw`(?:25[0-5]|2[0-4]\d|1?\d?\d)`;
const ipv4 = String.raw`(?:${octet}\.){3}${octet}`;

/**
 * Addresses that mean every address, the node itself, or the metadata of a cloud. The program writes such an address only as
 * a constant; none comes from a stack file.
 */
const special = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"].map((cidr) => networkOf(cidr)!);

/** The shortest prefix of a network: a /7 and half of its like together are nearly everything. */
const shortestPrefix = 8;

function isUsual(text: string): boolean {
	const network = networkOf(text.includes("/") ? text : `${text}/32`);
	return network !== undefined && !special.some((other) => network.first <= other.last && other.first <= network.last);
}

/** @param image e.g. `docker.io/library/busybox:1.37.0`. A tag without a digit, such as `latest`, names no version. */
function hasDigestOrExactTag(image: string): boolean {
	const [tagged = "", digest] = image.slice(image.lastIndexOf("/")).split("@");
	return digest !== undefined || /\d/.test(tagged.split(":")[1] ?? "");
}

/** In the order in which a value is compared with them: the narrowest first. */
export const formats: Readonly<Record<FormatName, Format>> = {
	digest: { meaning: "a SHA-256 digest", pattern: "[0-9a-f]{64}" },
	network: {
		meaning: `a network in CIDR form with a prefix of ${shortestPrefix} or more, outside loopback, link-local and multicast`,
		pattern: String.raw`${ipv4}/\d{1,2}`,
		accepts: (text) => Number(text.split("/")[1]) >= shortestPrefix && isUsual(text),
	},
	address: {
		meaning: "an IPv4 address outside loopback, link-local and multicast",
		pattern: ipv4,
		accepts: isUsual,
	},
	networks: {
		meaning: "networks and addresses, with commas between them",
		pattern: String.raw`${ipv4}(?:/\d{1,2})?(?:,${ipv4}(?:/\d{1,2})?)+`,
		accepts: (text) => text.split(",").every((part) => wholly(part.includes("/") ? "network" : "address")(part)),
	},
	hash: { meaning: "eight hexadecimal digits", pattern: "[0-9a-f]{8}" },
	number: { meaning: "a whole number", pattern: String.raw`\d+` },
	quantity: { meaning: "a quantity of Kubernetes, such as 128Mi", pattern: String.raw`\d+(?:\.\d+)?(?:m|[KMGT]i?)?` },
	version: { meaning: "a full version", pattern: String.raw`v?\d+\.\d+\.\d+(?:[-+.]\w+)*(?:%2B\w+)?` },
	image: {
		meaning: "an image with an exact version or a digest",
		pattern: String.raw`[a-z0-9][\w.:-]*(?:/[\w.-]+)+(?::[\w][\w.-]*)?(?:@sha256:[0-9a-f]{64})?`,
		accepts: hasDigestOrExactTag,
	},
	name: {
		meaning: "a name of letters, digits, dots and hyphens",
		pattern: "[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?",
	},
	file: {
		meaning: "a name of letters, digits, dots, hyphens and underscores",
		pattern: "[A-Za-z0-9_-][A-Za-z0-9._-]*",
	},
	hostport: {
		meaning: "a name, or an IPv4 address outside loopback, link-local and multicast, perhaps with a colon and a port",
		pattern: String.raw`[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?`,
		accepts: (text) => hasValidPort(text) && (wholly("address")(hostOf(text)) || !endsInNumber(hostOf(text))),
	},
	https: { meaning: "an address that begins with https://", pattern: String.raw`https://[^\s"'<>]+` },
	url: { meaning: "an address that begins with https:// or http://", pattern: String.raw`https?://[^\s"'<>]+` },
	hostkey: {
		meaning: "an ed25519 or ecdsa key of a host in OpenSSH form",
		pattern: String.raw`(?:ssh-ed25519|ecdsa-sha2-nistp\d{3}) [A-Za-z0-9+/]+={0,2}`,
		accepts: isPublicKey,
	},
	sshkey: {
		meaning: "a public key in OpenSSH form",
		pattern: String.raw`(?:ssh-|ecdsa-|sk-)[\w.@-]+ [A-Za-z0-9+/]+={0,2}(?: [^\r\n]*)?`,
		accepts: isPublicKey,
	},
	sysctl: {
		meaning: "a kernel setting of the list in src/facts/kernel-settings.ts",
		pattern: String.raw`[a-z0-9_.]+ = [^\r\n]+`,
		accepts: (text) => {
			const [name = "", value = ""] = text.split(" = ");
			return isListedKernelSetting(name, value);
		},
	},
	renewal: {
		meaning: "the end of a certificate, or the time at which it was found expired",
		pattern: String.raw`(?:expired,)?\d{4}-\d\d-\d\dT[\d:.]+Z(?:,\d+)?`,
	},
	certificate: {
		meaning: "certificates in PEM form",
		pattern: String.raw`(?:-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n?)+`,
	},
	key: {
		meaning: "a private key in PEM form",
		pattern: String.raw`-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+-----END [A-Z ]*PRIVATE KEY-----\n?`,
	},
	base64: { meaning: "a value in base64", pattern: "[A-Za-z0-9+/]+={0,2}" },
	words: { meaning: "words with commas between them", pattern: String.raw`[^\s"',]+(?:,[^\s"',]+)+` },
	word: { meaning: "one word", pattern: String.raw`[^\s"']+` },
	line: { meaning: "one line of text", pattern: String.raw`[^\r\n]*` },
	// A word is one as well, and comes first: only the record of a credential names this format.
	secret: { meaning: "a credential without blanks", pattern: String.raw`\S+` },
	text: { meaning: "any text", pattern: "[^]*" },
};

const placeholder = new RegExp(`<(${Object.keys(formats).join("|")})>`);

/** The narrowest format of a text. */
export function formatOf(text: string): FormatName {
	return formatNames.find((name) => wholly(name)(text)) ?? "text";
}

export const formatNames = Object.keys(formats) as FormatName[];

const whole = new Map<FormatName, (text: string) => boolean>();

/** Whether a text has a format. */
export function wholly(name: FormatName): (text: string) => boolean {
	const known = whole.get(name) ?? matcherOf(`<${name}>`);
	whole.set(name, known);
	return known;
}

export function hasPlaceholder(text: string): boolean {
	return placeholder.test(text);
}

const matchers = new Map<string, (text: string) => boolean>();

/** Whether a text is one of those that the template stands for. */
export function matchesTemplate(template: string, text: string): boolean {
	const known = matchers.get(template) ?? matcherOf(template);
	matchers.set(template, known);
	return known(text);
}

function matcherOf(template: string): (text: string) => boolean {
	if (!hasPlaceholder(template)) {
		return (text) => text === template;
	}
	const names = partsOf(template).filter((_, index) => index % 2 === 1) as FormatName[];
	const pattern = patternOf(template);
	return (text) => {
		const found = pattern.exec(text);
		return found !== null && names.every((name, index) => formats[name].accepts?.(found[index + 1]!) ?? true);
	};
}

/** Literals and names of formats in turn. */
function partsOf(template: string): string[] {
	return template.split(placeholder);
}

/** @returns an expression for the whole text, with a group for each placeholder */
export function patternOf(template: string): RegExp {
	const source = partsOf(template).map((part, index) =>
		index % 2 === 1 ? `(${formats[part as FormatName].pattern})` : literal(part),
	);
	return new RegExp(`^${source.join("")}$`);
}

function literal(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
