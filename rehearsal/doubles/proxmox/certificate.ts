import { createAuthority, issueKeyPair } from "../rke2/program/pki/x509.ts";

export interface ServerCertificate {
	/** Certificate of the authority, which clients trust. PEM. */
	caPem: string;
	/** PEM. */
	key: string;
	cert: string;
}

/**
 * Makes a certificate authority and a certificate of it for an IP address, as a Proxmox cluster has its own authority. The
 * rehearsal's clients check the certificate, which proves that the program does not skip this check.
 */
export async function createServerCertificate(address: string): Promise<ServerCertificate> {
	const authority = await createAuthority("Proxmox Virtual Environment");
	const { certificate, privateKey } = await issueKeyPair(authority, {
		commonName: address,
		sans: [address],
		usage: "server",
	});
	return { caPem: authority.certificate, key: privateKey, cert: certificate };
}
