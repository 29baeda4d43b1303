/** Makes text of the user safe for a message: without secrets, and not too long. */
import type { Problem } from "./problems.ts";
import { walk } from "./walk.ts";

/** Longer values are cut, because a terminal shows the message. A host name has at most 253 characters. */
const longest = 400;
const cutLength = 100;

/** A shorter text may be part of any word. */
export const shortestSecret = 8;

/** Forms of secrets that a stack file must not have in clear text, with their names. Each pattern takes linear time. */
const secretForms: readonly [pattern: RegExp, name: string][] = [
	[/-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY|PuTTY-User-Key-File|AGE-SECRET-KEY-1/i, "a private key"],
	// https://pve.proxmox.com/wiki/User_Management#pveum_tokens
	[/![\w.-]{1,64}=[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i, "a Proxmox API token"],
	// https://docs.k3s.io/cli/token#token-format
	[/K10[0-9a-f]{64}::/i, "a token of the cluster"],
	// https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
	[/\bgh[pousr]_[A-Za-z0-9]{30}|\bgithub_pat_\w{30}/, "a GitHub token"],
	[/\bglpat-[\w-]{20}/, "a GitLab token"],
	[/\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,2000}\./, "a JSON web token"],
	[/"(password|auth|token|secret)"\s{0,9}:\s{0,9}"[^"]/i, "credentials"],
	[
		/[?&](access_?|auth_?|api_?|private_?)?(token|key|secret|password|passwd|sig|signature)=[^&\s]/i,
		"a URL with a token",
	],
];

/** @returns the name of the secret in a text, by its form; nothing when it has none */
export function secretIn(text: string): string | undefined {
	return secretForms.find(([pattern]) => pattern.test(text))?.[1];
}

/** @returns the same, also for a URL with a user name or a password. Some keys have their own rule for such URLs. */
export function credentialsIn(text: string): string | undefined {
	return secretIn(text) ?? (/\/\/[^\s/@]{1,200}@/.test(text) ? "a URL with a user name or a password" : undefined);
}

/** A value for a message: `found "5"`, `found a private key, which ...`. */
export function redacted(value: unknown): string {
	if (typeof value !== "string") {
		const text = JSON.stringify(value, (_, inner) =>
			typeof inner === "string" ? withoutCredentials(shortened(inner)) : inner,
		);
		return cut(text);
	}
	const secret = secretIn(value);
	if (secret) {
		return `${secret}, which is not repeated here: everyone who reads the stack file has it, so create a new one`;
	}
	return looksRandom(value)
		? `a text of ${value.length} letters and digits`
		: cut(JSON.stringify(withoutCredentials(value)));
}

/**
 * Removes secrets and long values of the stack file from problems of any rule.
 *
 * @param values of the stack file
 * @param secrets known secrets in clear text
 */
export function redactProblems(
	problems: readonly Problem[],
	values: unknown,
	secrets: readonly string[] = [],
): Problem[] {
	if (problems.length === 0) {
		return [];
	}
	const hidden = new Map<string, string>();
	for (const { name, value } of walk(values)) {
		for (const text of [name, value]) {
			if (typeof text === "string" && shortened(text) !== text) {
				hidden.set(text, shortened(text));
			}
		}
	}
	for (const secret of secrets.filter(({ length }) => length >= shortestSecret)) {
		hidden.set(secret, "...");
	}
	const replacements = [...hidden].sort(([a], [b]) => b.length - a.length);
	const reworded = (text: string) =>
		replacements.reduce(
			(rest, [long, short]) => (rest.includes(long) ? rest.replaceAll(long, () => short) : rest),
			text,
		);
	return problems.map(({ key, message }) => ({ key: reworded(key), message: reworded(message) }));
}

/** @returns the same text, or its replacement in a message */
function shortened(text: string): string {
	return secretIn(text) ? "..." : cut(text);
}

/** Removes everything before the last @ of a URL, also of a malformed one. */
function withoutCredentials(text: string): string {
	const [start] = /https?:\/*|\/\//i.exec(text) ?? [];
	const at = text.lastIndexOf("@");
	const from = start === undefined ? at : text.indexOf(start) + start.length;
	return from < at ? `${text.slice(0, from)}...${text.slice(at)}` : text;
}

function cut(text: string): string {
	return text.length <= longest ? text : `${text.slice(0, cutLength)}... (${text.length} characters)`;
}

/** Whether a text looks like a token under the wrong key, such as 40 letters and digits. Names have words, dots and dashes. */
function looksRandom(text: string): boolean {
	return (
		text.length >= 24 &&
		/^[\w+/=-]+$/.test(text) &&
		text.split(/[^A-Za-z0-9]/).some((part) => part.length >= 16 && /\d/.test(part) && /[A-Za-z]/.test(part))
	);
}
