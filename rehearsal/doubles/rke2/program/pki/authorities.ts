import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "../paths.ts";
import { writeFileAtomically } from "../process/files.ts";
import { createAuthority, type KeyPair, privateKeyPem } from "./x509.ts";

export type AuthorityName = "server" | "client" | "requestHeader" | "etcdServer" | "etcdPeer";

// File of each authority, below server/tls.
const fileNames: Record<AuthorityName, string> = {
	server: "server-ca",
	client: "client-ca",
	requestHeader: "request-header-ca",
	etcdServer: "etcd/server-ca",
	etcdPeer: "etcd/peer-ca",
};

const serviceKeys = ["service.key", "service.current.key"];

/** Files that every server of a cluster must share, relative to server/tls. */
export const sharedFiles = [
	...Object.values(fileNames).flatMap((file) => [`${file}.crt`, `${file}.key`]),
	...serviceKeys,
];

export function hasAuthorities(paths: Paths): boolean {
	return sharedFiles.every((file) => existsSync(join(paths.tls, file)));
}

/** Creates the authorities of a new cluster, and the key that signs service account tokens. */
export async function createAuthorities(paths: Paths): Promise<void> {
	for (const file of Object.values(fileNames)) {
		const authority = await createAuthority(`rke2-${file.replace("/", "-")}@${Math.floor(Date.now() / 1_000)}`);
		writeFileAtomically(join(paths.tls, `${file}.crt`), authority.certificate, 0o600);
		writeFileAtomically(join(paths.tls, `${file}.key`), authority.privateKey, 0o600);
	}
	const key = privateKeyPem(generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey);
	for (const file of serviceKeys) {
		writeFileAtomically(join(paths.tls, file), key, 0o600);
	}
	writeFileAtomically(join(paths.credentials, "ipsec.psk"), randomBytes(48).toString("hex"), 0o600);
}

export function authority(paths: Paths, name: AuthorityName): KeyPair {
	return {
		certificate: readFileSync(authorityFile(paths, name), "utf8"),
		privateKey: readFileSync(join(paths.tls, `${fileNames[name]}.key`), "utf8"),
	};
}

export function authorityFile(paths: Paths, name: AuthorityName): string {
	return join(paths.tls, `${fileNames[name]}.crt`);
}

export function authorityKeyFile(paths: Paths, name: AuthorityName): string {
	return join(paths.tls, `${fileNames[name]}.key`);
}
