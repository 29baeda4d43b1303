/**
 * Templates of texts: a text with placeholders such as `https://<address>:6443`. A placeholder stands for a value that the
 * stack file or another resource gives, and says which values are possible there.
 */
import { isKey, isReservedLabel, isValue } from "../../../src/config/checks/kubernetes-names.ts";
import { endsInNumber, hasValidPort, hostOf } from "../../../src/config/formats/hosts.ts";
import { isListedKernelSetting } from "../../../src/config/formats/kernel-settings.ts";
import { hasTlsOrPrivateHost } from "../../../src/config/formats/private-hosts.ts";
import { isProxyException, proxyExceptionPattern } from "../../../src/config/formats/proxy-exceptions.ts";
import { isPublicKey } from "../../../src/config/formats/ssh-keys.ts";
import { platformNamespaces } from "../../../src/facts/add-ons.ts";
import type { FormatName } from "./format-names.ts";
import { hasDigestOrExactTag, ipv4, isUsual, shortestPrefix } from "./values.ts";

interface Format {
	/** For people: the end of the sentence "it stands for ...". */
	meaning: string;
	pattern: string;
	/** What the pattern alone cannot say. */
	accepts?: (text: string) => boolean;
}

const ownNamespaces: readonly string[] = Object.values(platformNamespaces);

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
	range: {
		meaning: "a network, or a first and a last address with a hyphen between them",
		pattern: String.raw`${ipv4}(?:/\d{1,2}|-${ipv4})`,
		accepts: (text) => text.split("-").every(wholly(text.includes("/") ? "network" : "address")),
	},
	networks: {
		meaning: "networks and addresses, with commas between them",
		pattern: String.raw`${ipv4}(?:/\d{1,2})?(?:,${ipv4}(?:/\d{1,2})?)*`,
		accepts: (text) => text.split(",").every((part) => wholly(part.includes("/") ? "network" : "address")(part)),
	},
	resolvers: {
		meaning: "addresses of name servers, each perhaps with a port, with commas between them",
		pattern: String.raw`${ipv4}(?::\d{1,5})?(?:,${ipv4}(?::\d{1,5})?)*`,
		accepts: (text) => text.split(",").every(wholly("hostport")),
	},
	hash: { meaning: "eight hexadecimal digits", pattern: "[0-9a-f]{8}" },
	number: { meaning: "a whole number", pattern: String.raw`\d+` },
	ports: {
		meaning: "ports with commas between them",
		pattern: String.raw`\d{1,5}(?:,\d{1,5})*`,
		accepts: (text) => text.split(",").every((port) => Number(port) >= 1 && Number(port) <= 65_535),
	},
	quantity: { meaning: "a quantity of Kubernetes, such as 128Mi", pattern: String.raw`\d+(?:\.\d+)?(?:m|[KMGT]i?)?` },
	minor: { meaning: "a minor version of Kubernetes, such as v1.35", pattern: String.raw`v1\.\d{1,3}` },
	version: { meaning: "a full version", pattern: String.raw`v?\d+\.\d+\.\d+(?:[-+.]\w+)*(?:%2B\w+)?` },
	pci: {
		meaning: "an address of a PCI device, or the numbers of its vendor and its model",
		pattern: String.raw`[0-9a-f]{4}:[0-9a-f]{2}(?:[0-9a-f]{2}|:[0-9a-f]{2}(?:\.[0-7])?)`,
	},
	image: {
		meaning: "an image with an exact version or a digest",
		pattern: String.raw`[a-z0-9][\w.:-]*(?:/[\w.-]+)+(?::[\w][\w.-]*)?(?:@sha256:[0-9a-f]{64})?`,
		accepts: hasDigestOrExactTag,
	},
	namespace: {
		meaning: "a name for a namespace that neither Kubernetes nor the program itself uses",
		pattern: "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?",
		accepts: (text) => !text.startsWith("kube-") && text !== "default" && !ownNamespaces.includes(text),
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
	mirror: {
		meaning: "an address that begins with https://, or with http:// and a host of a private network",
		pattern: String.raw`https?://[^\s"'<>]+`,
		accepts: hasTlsOrPrivateHost,
	},
	url: { meaning: "an address that begins with https:// or http://", pattern: String.raw`https?://[^\s"'<>]+` },
	hostkey: {
		meaning: "an ed25519 or ecdsa key of a host in OpenSSH form",
		pattern: String.raw`(?:ssh-ed25519|ecdsa-sha2-nistp\d{3}) [A-Za-z0-9+/]+={0,2}`,
		accepts: isPublicKey,
	},
	sshkey: {
		meaning: "a public key in OpenSSH form",
		// The plugin of tls ends a key with a line break.
		pattern: String.raw`(?:ssh-|ecdsa-|sk-)[\w.@-]+ [A-Za-z0-9+/]+={0,2}(?: [^\r\n]*)?\n?`,
		accepts: (text) => isPublicKey(text.replace(/\n$/, "")),
	},
	sysctl: {
		meaning: "a kernel setting of the list in src/facts/kernel-settings.ts",
		pattern: String.raw`[a-z0-9_.]+ = [^\r\n]+`,
		accepts: (text) => {
			const [name = "", value = ""] = text.split(" = ");
			return isListedKernelSetting(name, value);
		},
	},
	schedule: {
		meaning: "the times of a schedule: five fields of cron, or a name such as @daily",
		pattern: String.raw`@[a-z]+|[\dA-Za-z*/,-]+(?: [\dA-Za-z*/,-]+){4}`,
	},
	taint: {
		meaning: "a taint of a node",
		pattern: String.raw`[^=:\r\n]+(?:=[^=:\r\n]*)?:(?:NoSchedule|PreferNoSchedule|NoExecute)`,
	},
	path: {
		meaning: "names of letters, digits, hyphens and underscores with slashes between them",
		pattern: "[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*",
	},
	domain: {
		meaning: "the name of a domain",
		pattern: "(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?[.])+[A-Za-z]{2,63}",
	},
	email: { meaning: "an e-mail address", pattern: "[A-Za-z0-9_'+.-]{1,64}@[A-Za-z0-9.-]{1,253}" },
	labelkey: {
		meaning: "the key of a label that neither Kubernetes nor RKE2 sets itself",
		pattern: String.raw`[A-Za-z0-9][\w./-]*`,
		accepts: (text) => isKey(text) && !isReservedLabel(text),
	},
	labelvalue: { meaning: "the value of a label", pattern: String.raw`[\w.-]*`, accepts: isValue },
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
	exceptions: {
		meaning: "names, domains, addresses and networks with commas between them, a name perhaps with a port",
		pattern: `${proxyExceptionPattern}(?:,${proxyExceptionPattern})*`,
		accepts: (text) => text.split(",").every(isProxyException),
	},
	words: { meaning: "words with commas between them", pattern: String.raw`[^\s"',]+(?:,[^\s"',]+)+` },
	word: { meaning: "one word", pattern: String.raw`[^\s"']+` },
	line: { meaning: "one line of text", pattern: String.raw`[^\r\n]*` },
	// A word is one as well, and comes first: only the record of a credential names this format.
	secret: { meaning: "a credential without blanks", pattern: String.raw`\S+` },
	text: { meaning: "any text", pattern: "[^]*" },
};

/**
 * A range of whole numbers such as `<1..65535>`, or `<0..>` without an end, is a placeholder as well. `<name,...>` stands for one or
 * more names with commas between them, and `<name ...>` for names with blanks.
 */
const placeholder = new RegExp(String.raw`<((?:${Object.keys(formats).join("|")}|\d+\.\.\d*)(?:[, ]\.\.\.)?)>`, "g");

/** The format that a placeholder names. */
function formatNamed(name: string): Pick<Format, "pattern" | "accepts"> {
	const [, one = "", separator] = /^([^, ]+)(?:([, ])\.\.\.)?$/.exec(name) ?? [];
	const { pattern, accepts } = formats[one as FormatName] ?? range(one);
	return separator === undefined
		? { pattern, ...(accepts && { accepts }) }
		: {
				pattern: `${pattern}(?:${separator}${pattern})*`,
				accepts: (text) => text.split(separator).every((part) => accepts?.(part) ?? true),
			};
}

function range(name: string): Pick<Format, "pattern" | "accepts"> {
	const [least, most] = name.split("..");
	return {
		pattern: "(?:0|[1-9][0-9]{0,15})",
		accepts: (text) => Number(text) >= Number(least) && Number(text) <= Number(most || Number.MAX_SAFE_INTEGER),
	};
}

/** The placeholders of a template, each with its angle brackets. */
export function placeholdersIn(template: string): readonly string[] {
	return template.match(placeholder) ?? [];
}

/** The parts of a template between its placeholders. */
export function constantsOf(template: string): readonly string[] {
	return partsOf(template).filter((_, index) => index % 2 === 0);
}

/** Whether a template is one whole number that the stack file gives. */
export function isNumberTemplate(template: string): boolean {
	return /^<(?:number|\d+\.\.\d*)>$/.test(template);
}

/** Formats that other values have by chance: only the key that gives a value says that it has one of them. */
export const namedByKeys: ReadonlySet<FormatName> = new Set<FormatName>([
	...([
		"labelkey",
		"labelvalue",
		"domain",
		"email",
		"mirror",
		"namespace",
		"path",
		"range",
		"schedule",
		"taint",
	] as const),
]);

/** The narrowest format of a text. */
export function formatOf(text: string): FormatName {
	return formatNames.find((name) => !namedByKeys.has(name) && wholly(name)(text)) ?? "text";
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
	return text.search(placeholder) >= 0;
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
	const named = partsOf(template)
		.filter((_, index) => index % 2 === 1)
		.map(formatNamed);
	const pattern = patternOf(template);
	return (text) => {
		const found = pattern.exec(text);
		return found !== null && named.every(({ accepts }, index) => accepts?.(found[index + 1]!) ?? true);
	};
}

/** Literals and names of formats in turn. */
function partsOf(template: string): string[] {
	return template.split(placeholder);
}

/** @returns an expression for the whole text, with a group for each placeholder */
export function patternOf(template: string): RegExp {
	const source = partsOf(template).map((part, index) =>
		index % 2 === 1 ? `(${formatNamed(part).pattern})` : literal(part),
	);
	return new RegExp(`^${source.join("")}$`);
}

function literal(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
