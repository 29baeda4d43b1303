/** What the certificate authority and Cloudflare answer to cert-manager, and what it finds wrong with a pair of ours. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { KeyPair } from "../pki/x509.ts";

/** Let's Encrypt takes no contact in the domains that RFC 2606 keeps for examples (boulder, policy/pa.go). */
const EXAMPLES = /@(.+\.)?(example\.(com|net|org)|[^.]+\.(example|invalid|localhost|test))$/i;

/** A token of Cloudflare's has forty characters: https://developers.cloudflare.com/fundamentals/api/get-started/create-token/ */
const TOKEN = /^[A-Za-z0-9_-]{40}$/;

/**
 * Message of an issuer whose account the authority does not register.
 * https://github.com/cert-manager/cert-manager/blob/master/pkg/issuer/acme/setup.go
 */
export function refusalOfAccount(email = ""): string | undefined {
	if (!EXAMPLES.test(email)) {
		return undefined;
	}
	const domain = email.split("@").at(-1);
	return (
		"Failed to register ACME account: 400 urn:ietf:params:acme:error:invalidContact: " +
		`Error validating contact(s) :: contact email has forbidden domain "${domain}"`
	);
}

/**
 * Reason of a challenge that cannot be presented, because what was given for a token is none.
 * https://github.com/cert-manager/cert-manager/blob/master/pkg/issuer/acme/dns/cloudflare/cloudflare.go
 */
export function refusalOfToken(token: string, domain: string): string | undefined {
	return TOKEN.test(token)
		? undefined
		: `while attempting to find Zones for domain _acme-challenge.${domain}.\n` +
				`while querying the Cloudflare API for GET "/zones?name=${domain}" \n` +
				"\t Error: 6003: Invalid request headers<- 6111: Invalid format for Authorization header";
}

/**
 * Message of an issuer that cannot sign. Whether the key is that of the certificate nobody looks at there.
 * https://github.com/cert-manager/cert-manager/blob/master/pkg/issuer/ca/setup.go
 */
export function refusalOfPair(pair: KeyPair | undefined): string | undefined {
	const refused = "Error getting keypair for CA issuer: ";
	if (!pair) {
		return `${refused}secret not found`;
	}
	try {
		createPrivateKey(pair.privateKey);
		return new X509Certificate(pair.certificate).ca ? undefined : `${refused}certificate is not a CA`;
	} catch (error) {
		return `${refused}${(error as Error).message}`;
	}
}
