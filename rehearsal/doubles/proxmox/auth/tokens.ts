import { timingSafeEqual } from "node:crypto";
import type { TokenDescription } from "../descriptions.ts";
import { ApiError } from "../server/errors.ts";

/**
 * Finds the token of an `Authorization: PVEAPIToken=user@realm!name=secret` header. Throws 401 otherwise. There are no
 * tickets, because a program that follows the documentation does not log in with a password.
 */
export function authenticate(tokens: TokenDescription[], authorization: string | undefined): TokenDescription {
	const [, id, secret] = /^PVEAPIToken=([^=]+)=(.+)$/.exec(authorization ?? "") ?? [];
	if (id === undefined || secret === undefined) {
		throw new ApiError(401, "No ticket");
	}
	const token = tokens.find((candidate) => candidate.id === id);
	if (token === undefined) {
		throw new ApiError(401, `no such token '${id}'`);
	}
	if (!equal(token.secret, secret)) {
		throw new ApiError(401, "invalid token value!");
	}
	return token;
}

function equal(expected: string, given: string): boolean {
	const [a, b] = [Buffer.from(expected), Buffer.from(given)];
	return a.length === b.length && timingSafeEqual(a, b);
}

/** Removes the access control entries of a removed VM or pool. A new one with the same name has none of them. */
export function forgetPath(tokens: TokenDescription[], path: string): void {
	for (const token of tokens) {
		token.userAcl = token.userAcl.filter((entry) => entry.path !== path);
		token.tokenAcl = token.tokenAcl?.filter((entry) => entry.path !== path);
	}
}
