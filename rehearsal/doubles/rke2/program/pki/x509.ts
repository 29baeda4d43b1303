/**
 * Certificates of the whole rehearsal: RKE2's authorities, the Proxmox double's certificate and the overlay's authority.
 * They are here, and the others import them from here, because the release tarball has this program and nothing else.
 */
import "reflect-metadata";
import {
	createPrivateKey,
	createPublicKey,
	generateKeyPairSync,
	type KeyObject,
	randomBytes,
	type webcrypto,
} from "node:crypto";
import * as x509 from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const dayMs = 24 * 60 * 60 * 1_000;
// RKE2's own lifetimes. The variable shortens those of certificates, to test their renewal (rancher/dynamiclistener,
// cert/cert.go, NewSignedCert).
const authorityDays = 3_650;
const leafDays = Number(process.env.CATTLE_NEW_SIGNED_CERT_EXPIRATION_DAYS) || 365;

/** PEM of a certificate and of its key. */
export interface KeyPair {
	certificate: string;
	privateKey: string;
}

export interface LeafRequest {
	commonName: string;
	organization?: string;
	/** IP addresses and DNS names, for a serving certificate. */
	sans?: string[];
	usage: "client" | "server" | "both";
}

export async function createAuthority(commonName: string): Promise<KeyPair> {
	const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
	const certificate = await x509.X509CertificateGenerator.createSelfSigned({
		serialNumber: serialNumber(),
		name: [{ CN: [commonName] }],
		...validity(authorityDays),
		signingAlgorithm: algorithm,
		keys: { privateKey: signingKey(privateKey), publicKey: verifyingKey(publicKey) },
		extensions: [
			new x509.BasicConstraintsExtension(true, undefined, true),
			new x509.KeyUsagesExtension(
				x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment | x509.KeyUsageFlags.keyCertSign,
				true,
			),
			await x509.SubjectKeyIdentifierExtension.create(verifyingKey(publicKey)),
		],
	});
	return { certificate: certificatePem(certificate), privateKey: privateKeyPem(privateKey) };
}

/** Makes a key and issues a certificate for it. */
export async function issueKeyPair(authority: KeyPair, request: LeafRequest): Promise<KeyPair> {
	const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
	return { certificate: await issueCertificate(authority, publicKey, request), privateKey: privateKeyPem(privateKey) };
}

/** Issues a certificate for the key of another machine. Returns the chain, which ends in the authority. */
export async function issueCertificate(
	authority: KeyPair,
	publicKey: KeyObject,
	request: LeafRequest,
): Promise<string> {
	const issuer = new x509.X509Certificate(authority.certificate);
	const usages = {
		client: [x509.ExtendedKeyUsage.clientAuth],
		server: [x509.ExtendedKeyUsage.serverAuth],
		both: [x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth],
	}[request.usage];
	const certificate = await x509.X509CertificateGenerator.create({
		serialNumber: serialNumber(),
		subject: [...(request.organization ? [{ O: [request.organization] }] : []), { CN: [request.commonName] }],
		issuer: issuer.subjectName,
		...validity(leafDays),
		signingAlgorithm: algorithm,
		signingKey: signingKey(createPrivateKey(authority.privateKey)),
		publicKey: verifyingKey(publicKey),
		extensions: [
			new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
			new x509.ExtendedKeyUsageExtension(usages),
			await x509.AuthorityKeyIdentifierExtension.create(
				verifyingKey(createPublicKey(createPrivateKey(authority.privateKey))),
			),
			...(request.sans?.length ? [new x509.SubjectAlternativeNameExtension(request.sans.map(generalName))] : []),
		],
	});
	return certificatePem(certificate) + authority.certificate;
}

/** SEC 1 PEM: the API server reads no PKCS#8 elliptic-curve key as a service account key. */
export function privateKeyPem(key: KeyObject): string {
	return key.export({ type: "sec1", format: "pem" }).toString();
}

function generalName(san: string): x509.JsonGeneralName {
	return { type: /^[\d.]+$|:/.test(san) ? "ip" : "dns", value: san };
}

function certificatePem(certificate: x509.X509Certificate): string {
	return `${certificate.toString("pem").trim()}\n`;
}

function serialNumber(): string {
	// A leading zero bit keeps the number positive (RFC 5280, 4.1.2.2).
	return `0${randomBytes(16).toString("hex").slice(1)}`;
}

// An hour back: the clocks of the machines may differ a little.
function validity(days: number): { notBefore: Date; notAfter: Date } {
	return { notBefore: new Date(Date.now() - 60 * 60 * 1_000), notAfter: new Date(Date.now() + days * dayMs) };
}

function signingKey(key: KeyObject): webcrypto.CryptoKey {
	return key.toCryptoKey(algorithm, true, ["sign"]);
}

function verifyingKey(key: KeyObject): webcrypto.CryptoKey {
	return key.toCryptoKey(algorithm, true, ["verify"]);
}
