/** How a message repeats what a person has written: without a secret, and not at any length. */
import type { Problem } from "./problems.ts";
import { walk } from "./walk.ts";

/** Longer values are cut: a message is read at a terminal. A host name has 253 characters. */
const longest = 400;
const kept = 100;

/** What is shorter may be part of any word. */
export const shortestSecret = 8;

/** What nobody may write into a stack file in clear text, and what it is called. Each pattern takes linear time. */
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

/** @returns what secret a text holds by its form, nothing where it looks like none */
export function secretIn(text: string): string | undefined {
	return secretForms.find(([pattern]) => pattern.test(text))?.[1];
}

/** @returns the same for a URL with a user name or a password, which some keys have a rule of their own for */
export function credentialsIn(text: string): string | undefined {
	return secretIn(text) ?? (/\/\/[^\s/@]{1,200}@/.test(text) ? "a URL with a user name or a password" : undefined);
}

/** A value as a mistake repeats it: `found "5"`, `found a private key, which ...`. */
export function shown(value: unknown): string {
	if (typeof value !== "string") {
		const text = JSON.stringify(value, (_, inner) =>
			typeof inner === "string" ? withoutCredentials(shortened(inner)) : inner,
		);
		return cut(text);
	}
	const secret = secretIn(value);
	if (secret) {
		return `${secret}, which is not repeated here: whoever reads the stack file has it, so make a new one`;
	}
	return looksRandom(value)
		? `a text of ${value.length} letters and digits`
		: cut(JSON.stringify(withoutCredentials(value)));
}

/**
 * Problems in which no secret and no long value of the stack file is repeated, whichever rule has said it.
 *
 * @param values of the stack file
 * @param secrets that are known to be some
 */
export function discreet(problems: readonly Problem[], values: unknown, secrets: readonly string[] = []): Problem[] {
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

/** @returns the same text, or what stands for it in a message */
function shortened(text: string): string {
	return secretIn(text) ? "..." : cut(text);
}

/** Without what stands before the last @ in a URL, a malformed one too. */
function withoutCredentials(text: string): string {
	const [start] = /https?:\/*|\/\//i.exec(text) ?? [];
	const at = text.lastIndexOf("@");
	const from = start === undefined ? at : text.indexOf(start) + start.length;
	return from < at ? `${text.slice(0, from)}...${text.slice(at)}` : text;
}

function cut(text: string): string {
	return text.length <= longest ? text : `${text.slice(0, kept)}... (${text.length} characters)`;
}

/** A token pasted into the wrong key, such as 40 letters and digits; names that people make have words, dots and dashes. */
function looksRandom(text: string): boolean {
	return (
		text.length >= 24 &&
		/^[\w+/=-]+$/.test(text) &&
		text.split(/[^A-Za-z0-9]/).some((part) => part.length >= 16 && /\d/.test(part) && /[A-Za-z]/.test(part))
	);
}
