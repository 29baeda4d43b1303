import { createHash, timingSafeEqual } from "node:crypto";
import { FatalError } from "../process/log.ts";

export interface Token {
	/** SHA-256 of the CA bundle, in the secure form only. */
	caHash?: string;
	password: string;
}

/** Reads `K10<CA hash>::<user>:<password>` (the secure form) or a password (the short form). */
export function parseToken(text: string): Token {
	if (!text.startsWith("K10")) {
		return { password: text };
	}
	const match = /^K10([0-9a-f]{64})::(?:[^:]+:)?(.+)$/.exec(text);
	if (match?.[1] === undefined || match[2] === undefined) {
		throw new FatalError(
			"failed to normalize token; must be in format K10<CA-HASH>::<USERNAME>:<PASSWORD> or <PASSWORD>",
		);
	}
	return { caHash: match[1], password: match[2] };
}

export function formatToken(caBundle: string, user: "server" | "node", password: string): string {
	return `K10${caHash(caBundle)}::${user}:${password}`;
}

/** The hash in the secure form of a token: over the bytes that `/cacerts` serves. */
function caHash(caBundle: string): string {
	return createHash("sha256").update(caBundle).digest("hex");
}

/** @throws FatalError when the token pins another CA than the one that the server presents */
export function requireTrustedCa(token: Token, caBundle: string): void {
	if (token.caHash !== undefined && token.caHash !== caHash(caBundle)) {
		throw new FatalError(
			`token CA hash does not match the Cluster CA certificate hash: ${token.caHash} != ${caHash(caBundle)}`,
		);
	}
}

export function samePassword(left: string, right: string): boolean {
	const digest = (text: string) => createHash("sha256").update(text).digest();
	return timingSafeEqual(digest(left), digest(right));
}
