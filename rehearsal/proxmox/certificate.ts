import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

export interface ServerCertificate {
	/** What a client has to trust. */
	caPem: string;
	/** PKCS #8. */
	key: string;
	cert: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const lifetimeMs = 30 * 24 * 3600 * 1000;

/**
 * Makes a certificate authority of its own and a certificate for an IP address. Real hosts have a self-signed
 * certificate, too; here it is checked, so that the rehearsal shows a program that verifies what it talks to.
 */
export async function createServerCertificate(address: string): Promise<ServerCertificate> {
	const notBefore = new Date(Date.now() - 3600 * 1000);
	const notAfter = new Date(Date.now() + lifetimeMs);
	const [caKeys, serverKeys] = await Promise.all([generateKeys(), generateKeys()]);
	const ca = await x509.X509CertificateGenerator.createSelfSigned({
		name: "CN=Proxmox Virtual Environment",
		keys: caKeys,
		notBefore,
		notAfter,
		signingAlgorithm: algorithm,
		extensions: [
			new x509.BasicConstraintsExtension(true, undefined, true),
			new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
		],
	});
	const server = await x509.X509CertificateGenerator.create({
		subject: `CN=${address}`,
		issuer: ca.subject,
		publicKey: serverKeys.publicKey,
		signingKey: caKeys.privateKey,
		notBefore,
		notAfter,
		signingAlgorithm: algorithm,
		extensions: [
			new x509.SubjectAlternativeNameExtension([{ type: "ip", value: address }]),
			new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
		],
	});
	const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", serverKeys.privateKey);
	return {
		caPem: ca.toString("pem"),
		key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"),
		cert: server.toString("pem"),
	};
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
	return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as Promise<webcrypto.CryptoKeyPair>;
}
