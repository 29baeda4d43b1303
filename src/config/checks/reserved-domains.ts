/** Names that certificates cannot be got for, and addresses that no mail reaches. */
import type { Problem } from "../problems.ts";
import { reservedDomainOf } from "../reserved-domains.ts";
import type { StackConfig } from "../schema.ts";

/**
 * Let's Encrypt refuses both: https://letsencrypt.org/docs/integration-guide/. An authority of one's own may sign any name,
 * and writes to nobody.
 */
export function checkReservedDomains(stack: StackConfig): Problem[] {
	return isPublic(stack) ? reservedNames(stack) : [];
}

function reservedNames({ platform: { certManager } }: StackConfig): Problem[] {
	const { domain, email } = certManager;
	const host = email.slice(email.lastIndexOf("@") + 1);
	const domains = [
		{ key: "platform.certManager.domain", name: domain, end: "no public authority signs for it" },
		{ key: "platform.certManager.email", name: host, end: "no mail reaches it, and Let's Encrypt refuses the account" },
	];
	return domains.flatMap(({ key, name, end }) => {
		const reserved = reservedDomainOf(name);
		return reserved ? [{ key, message: `${name} is in ${reserved}, which is reserved: ${end}.` }] : [];
	});
}

/** Whether the issuer that signs is Let's Encrypt, the default. */
function isPublic({ platform: { certManager } }: StackConfig): boolean {
	const { issuer, acmeServer, stagingAcmeServer } = certManager;
	const { hostname } = new URL(issuer === "production" ? acmeServer : stagingAcmeServer);
	return hostname === "letsencrypt.org" || hostname.endsWith(".letsencrypt.org");
}
