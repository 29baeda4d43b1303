/** Rules for certificates: what an authority of the administrator needs, and what ACME needs. */
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
						message: "is missing; an ACME account needs a contact (or set platform.certManager.ownAuthority).",
					},
				]
			: [];
	}
	const [signing] = certificatesIn(certManager.ownAuthority) ?? [];
	return signing?.ca === false
		? [
				{
					key: "platform.certManager.ownAuthority",
					message: `begins with the certificate of ${signing.subject.split("\n").join(", ")}, which may not sign other certificates; the first one must be that of the authority (basicConstraints CA:TRUE).`,
				},
			]
		: [];
}

/**
 * cert-manager checks the key only when it signs the first certificate, and reports a mistake only in its own log.
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
	const requirement = keyMistake(key, signing);
	return requirement === undefined ? [] : [{ key: "ownAuthorityKey", requirement }];
}

function keyMistake(key: string, certificate: X509Certificate): string | undefined {
	try {
		return certificate.checkPrivateKey(createPrivateKey(key))
			? undefined
			: "must be the private key of the first certificate in platform.certManager.ownAuthority, but belongs to another one";
	} catch {
		return "must be a valid private key in PEM form, without a passphrase";
	}
}
