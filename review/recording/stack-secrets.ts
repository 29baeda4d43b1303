/** The secrets of a stack file, which only Pulumi can read: what can be known about them without a passphrase. */
import { createHash } from "node:crypto";
import { parse } from "yaml";
import { isSecretKey } from "../../src/config/checks/exposed-secrets.ts";
import { placeholderPrivateKey } from "../../src/config/formats/ssh-keys.ts";
import { digestOf } from "./plain.ts";

/**
 * @param text of a stack file
 * @param project name in Pulumi.yaml, which is a prefix of the keys
 * @returns the ciphertext of each secret, by its key
 */
export function ciphertexts(text: string, project: string): Record<string, string> {
	const { config } = (parse(text) ?? {}) as { config?: Record<string, unknown> };
	return Object.fromEntries(
		Object.entries(config ?? {})
			.map(([name, value]): [string, unknown] => [name.replace(`${project}:`, ""), value])
			.flatMap(([key, value]): [string, string][] => {
				const secure: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "secure") : undefined;
				return isSecretKey(key) && typeof secure === "string" ? [[key, secure]] : [];
			})
			.sort(),
	);
}

export function digestsOf(encrypted: Readonly<Record<string, string>>): Record<string, string> {
	return Object.fromEntries(Object.entries(encrypted).map(([key, text]) => [key, digestOf(text)]));
}

/**
 * A value of the right form for secrets that the program reads. It follows from the ciphertext, so that the resources with
 * another secret differ.
 */
export function placeholders(encrypted: Readonly<Record<string, string>>): Record<string, string> {
	return Object.fromEntries(
		Object.entries(encrypted)
			// compliance/evaluation/placeholder-authority.ts makes this key, with its certificate.
			.filter(([key]) => key !== "ownAuthorityKey")
			.map(([key, text]) => {
				const hex = createHash("sha256").update(text).digest("hex").slice(0, 32);
				return [key, forms[key]?.(hex) ?? hex];
			}),
	);
}

/** Secrets whose form the program checks. Any host serves for the credentials: the program reads none of them in a preview. */
const forms: Readonly<Record<string, (hex: string) => string>> = {
	bastionKey: placeholderPrivateKey,
	proxmoxApiToken: (hex) => `pulumi@pve!lab=${asUuid(hex)}`,
	registryCredentials: (hex) => JSON.stringify({ "docker.io": { username: "placeholder", password: hex } }),
};

function asUuid(hex: string): string {
	return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
