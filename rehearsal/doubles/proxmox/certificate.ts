import { createAuthority, issueKeyPair } from "../rke2/program/pki/x509.ts";

export interface ServerCertificate {
	/** What a client has to trust. */
	caPem: string;
	/** PEM. */
	key: string;
	cert: string;
}

/**
 * Makes a certificate authority of its own and a certificate for an IP address. Real hosts have a self-signed
 * certificate, too; here it is checked, so that the rehearsal shows a program that verifies what it talks to.
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
