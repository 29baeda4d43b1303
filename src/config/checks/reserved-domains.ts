/** Rules for domains that no public authority accepts in a certificate or in an e-mail address. */
import { reservedDomainOf } from "../../facts/reserved-domains.ts";
import { acmeOf } from "../derived/issuing.ts";
import type { Problem } from "../read/problems.ts";
import type { StackConfig } from "../schema/stack.ts";

type AcmeConfig = NonNullable<ReturnType<typeof acmeOf>>;

/**
 * Let's Encrypt refuses both: https://letsencrypt.org/docs/integration-guide/. An authority of the administrator may sign
 * any name, and sends no mail.
 */
export function checkReservedDomains(stack: StackConfig): Problem[] {
	const acme = acmeOf(stack);
	return acme && isPublic(acme) ? reservedNames(acme) : [];
}

function reservedNames({ domain, email = "" }: AcmeConfig): Problem[] {
	const host = email.slice(email.lastIndexOf("@") + 1);
	const domains = [
		{ key: "platform.certManager.domain", name: domain, end: "no public authority issues certificates for it" },
		{ key: "platform.certManager.email", name: host, end: "no mail reaches it, and Let's Encrypt refuses the account" },
	];
	return domains.flatMap(({ key, name, end }) => {
		const reserved = reservedDomainOf(name);
		return reserved ? [{ key, message: `${name} is in ${reserved}, which is reserved: ${end}.` }] : [];
	});
}

/** Whether the chosen issuer is Let's Encrypt, the default. */
function isPublic({ issuer, acmeServer, stagingAcmeServer }: AcmeConfig): boolean {
	const { hostname } = new URL(issuer === "production" ? acmeServer : stagingAcmeServer);
	return hostname === "letsencrypt.org" || hostname.endsWith(".letsencrypt.org");
}
