/** Answers of the certificate authority and of Cloudflare to cert-manager, and cert-manager's checks of a CA issuer. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { KeyPair } from "../pki/x509.ts";

/** Let's Encrypt refuses a contact in the example domains of RFC 2606 (boulder, policy/pa.go). */
const exampleDomains = /@(.+\.)?(example\.(com|net|org)|[^.]+\.(example|invalid|localhost|test))$/i;

/** Form of a Cloudflare token, which has forty characters: https://developers.cloudflare.com/fundamentals/api/get-started/create-token/ */
const tokenForm = /^[A-Za-z0-9_-]{40}$/;

/**
 * Message of an issuer when the authority does not register its account.
 * https://github.com/cert-manager/cert-manager/blob/master/pkg/issuer/acme/setup.go
 */
export function refusalOfAccount(email = ""): string | undefined {
	if (!exampleDomains.test(email)) {
		return undefined;
	}
	const domain = email.split("@").at(-1);
	return (
		"Failed to register ACME account: 400 urn:ietf:params:acme:error:invalidContact: " +
		`Error validating contact(s) :: contact email has forbidden domain "${domain}"`
	);
}

/**
 * Reason of a challenge that cannot be presented because Cloudflare refuses the form of the token.
 * https://github.com/cert-manager/cert-manager/blob/master/pkg/issuer/acme/dns/cloudflare/cloudflare.go
 */
export function refusalOfToken(token: string, domain: string): string | undefined {
	return tokenForm.test(token)
		? undefined
		: `while attempting to find Zones for domain _acme-challenge.${domain}.\n` +
				`while querying the Cloudflare API for GET "/zones?name=${domain}" \n` +
				"\t Error: 6003: Invalid request headers<- 6111: Invalid format for Authorization header";
}

/**
 * Message of an issuer that cannot sign. cert-manager does not check here whether key and certificate belong together.
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
