/** A placeholder for a stack's own authority, because a preview without credentials does not have the private key. */
import "reflect-metadata";
import { KeyObject } from "node:crypto";
import { BasicConstraintsExtension, X509CertificateGenerator } from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

interface Authority {
	/** PEM, with a line feed at its end. */
	certificate: string;
	/** PEM, of the certificate. */
	key: string;
}

let authority: Promise<Authority> | undefined;

/** The placeholder of this process: a new one for each process. */
export function placeholderAuthority(): Promise<Authority> {
	authority ??= createAuthority();
	return authority;
}

/**
 * @param values of a stack file, by key without the project's name
 * @returns the values and secrets to take instead; none where the stack has no authority of its own
 */
export async function withPlaceholderAuthority(values: Readonly<Record<string, unknown>>) {
	const { platform } = values as { platform?: { certManager?: { ownAuthority?: string } } };
	if (!platform?.certManager?.ownAuthority) {
		return { values, secrets: {} };
	}
	const { certificate, key } = await placeholderAuthority();
	const certManager = { ...platform.certManager, ownAuthority: certificate };
	return {
		values: { ...values, platform: { ...platform, certManager } },
		secrets: { ownAuthorityKey: key },
	};
}

async function createAuthority(): Promise<Authority> {
	const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
	const certificate = await X509CertificateGenerator.createSelfSigned({
		name: "CN=placeholder",
		keys,
		signingAlgorithm: algorithm,
		extensions: [new BasicConstraintsExtension(true, undefined, true)],
	});
	return {
		certificate: `${certificate.toString("pem")}\n`,
		key: KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" }).toString(),
	};
}
