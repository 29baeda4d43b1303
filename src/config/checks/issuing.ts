/** Rules for certificates: what an authority of one's own needs, and what one needs that is asked by ACME. */
import { createPrivateKey, type X509Certificate } from "node:crypto";
import { certificatesIn } from "../formats/certificates.ts";
import type { Problem } from "../read/problems.ts";
import type { StackConfig } from "../schema/stack.ts";

export function checkIssuing({ platform: { certManager } }: StackConfig): Problem[] {
	if (!certManager) {
		return [];
	}
	if (certManager.ownAuthority === undefined) {
		return certManager.email === undefined
			? [
					{
						key: "platform.certManager.email",
						message:
							"is missing; an authority that is asked by ACME wants a contact (or set platform.certManager.ownAuthority).",
					},
				]
			: [];
	}
	const [signing] = certificatesIn(certManager.ownAuthority) ?? [];
	return signing?.ca === false
		? [
				{
					key: "platform.certManager.ownAuthority",
					message: `begins with the certificate of ${signing.subject.split("\n").join(", ")}, which may not sign others; the first has to be the authority's (basicConstraints CA:TRUE).`,
				},
			]
		: [];
}

/**
 * cert-manager looks at neither: it finds out at the first certificate, and says so where nobody looks.
 *
 * @param key in PEM form; no requirement repeats it
 */
export function unfitKey(
	{ platform: { certManager } }: StackConfig,
	key: string,
): { key: "ownAuthorityKey"; requirement: string }[] {
	const [signing] = certificatesIn(certManager?.ownAuthority ?? "") ?? [];
	if (!signing) {
		return [];
	}
	const requirement = mistakeOf(key, signing);
	return requirement === undefined ? [] : [{ key: "ownAuthorityKey", requirement }];
}

function mistakeOf(key: string, certificate: X509Certificate): string | undefined {
	try {
		return certificate.checkPrivateKey(createPrivateKey(key))
			? undefined
			: "must be the private key of the first certificate in platform.certManager.ownAuthority, and is that of another one";
	} catch {
		return "must be a private key in PEM form, without a passphrase, that can be read";
	}
}
