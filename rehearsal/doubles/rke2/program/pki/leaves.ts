import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { addressIn, type ServerSettings } from "../config/settings.ts";
import type { Paths } from "../paths.ts";
import { writeFileAtomically } from "../process/files.ts";
import { type AuthorityName, authority } from "./authorities.ts";
import { issueKeyPair, type KeyPair, type LeafRequest } from "./x509.ts";

interface Leaf extends LeafRequest {
	/** Below server/tls, without extension. */
	file: string;
	authority: AuthorityName;
}

// At its start RKE2 renews certificates that expire within this time.
const renewBeforeMs = 120 * 24 * 60 * 60 * 1_000;

/**
 * Issues the certificates of one server that are missing or unfit. A certificate that fits stays, because new credentials
 * of the administrator would change every kubeconfig.
 */
export async function ensureServerCertificates(paths: Paths, settings: ServerSettings): Promise<void> {
	for (const leaf of serverLeaves(settings)) {
		const issuer = authority(paths, leaf.authority);
		const certificateFile = join(paths.tls, `${leaf.file}.crt`);
		const keyFile = join(paths.tls, `${leaf.file}.key`);
		if (existsSync(certificateFile) && existsSync(keyFile) && fits(readFileSync(certificateFile), issuer, leaf)) {
			continue;
		}
		const pair = await issueKeyPair(issuer, leaf);
		writeFileAtomically(certificateFile, pair.certificate, 0o600);
		writeFileAtomically(keyFile, pair.privateKey, 0o600);
	}
}

/** Names and addresses of the API server and the supervisor. `tls-san-security` refuses every other name. */
function servingNames(settings: ServerSettings): string[] {
	const { serviceCidr, clusterDomain } = settings.critical;
	return [
		...new Set([
			"kubernetes",
			"kubernetes.default",
			"kubernetes.default.svc",
			`kubernetes.default.svc.${clusterDomain}`,
			"localhost",
			settings.nodeName,
			"127.0.0.1",
			"::1",
			addressIn(serviceCidr, 1),
			settings.nodeIp,
			settings.advertiseAddress,
			...settings.tlsSans,
		]),
	];
}

function serverLeaves(settings: ServerSettings): Leaf[] {
	const masters = "system:masters";
	const local = ["localhost", "127.0.0.1", "::1"];
	const etcdNames = [...local, settings.nodeName, settings.nodeIp];
	const client = (file: string, commonName: string, organization?: string): Leaf => ({
		file,
		authority: "client",
		commonName,
		organization,
		usage: "client",
	});
	return [
		client("client-admin", "system:admin", masters),
		client("client-supervisor", "system:supervisor", masters),
		client("client-controller", "system:kube-controller-manager"),
		client("client-scheduler", "system:kube-scheduler"),
		client("client-kube-apiserver", "system:apiserver", masters),
		client("client-rke2-controller", "system:rke2-controller"),
		{ file: "client-auth-proxy", authority: "requestHeader", commonName: "system:auth-proxy", usage: "client" },
		{
			file: "serving-kube-apiserver",
			authority: "server",
			commonName: "kube-apiserver",
			sans: servingNames(settings),
			usage: "server",
		},
		{
			file: "kube-controller-manager/kube-controller-manager",
			authority: "server",
			commonName: "kube-controller-manager",
			sans: local,
			usage: "server",
		},
		{
			file: "kube-scheduler/kube-scheduler",
			authority: "server",
			commonName: "kube-scheduler",
			sans: local,
			usage: "server",
		},
		{ file: "etcd/client", authority: "etcdServer", commonName: "etcd-client", usage: "client" },
		{ file: "etcd/server-client", authority: "etcdServer", commonName: "etcd-server", sans: etcdNames, usage: "both" },
		{ file: "etcd/peer-server-client", authority: "etcdPeer", commonName: "etcd-peer", sans: etcdNames, usage: "both" },
	];
}

function fits(pem: Buffer, issuer: KeyPair, wanted: LeafRequest): boolean {
	const certificate = new X509Certificate(pem);
	const names = (certificate.subjectAltName ?? "")
		.split(", ")
		.filter((entry) => entry !== "")
		.map((entry) => entry.replace(/^(DNS|IP Address):/, "").toLowerCase());
	return (
		certificate.verify(new X509Certificate(issuer.certificate).publicKey) &&
		Date.parse(certificate.validTo) - Date.now() > renewBeforeMs &&
		(wanted.sans ?? []).every((san) => names.includes(san === "::1" ? "0:0:0:0:0:0:0:1" : san.toLowerCase()))
	);
}
