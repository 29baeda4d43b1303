import { createCipheriv, createDecipheriv, createHash, pbkdf2Sync, randomBytes } from "node:crypto";
import { existsSync, readFileSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { EtcdClient } from "../etcd/client.ts";
import type { Paths } from "../paths.ts";
import { writeFileAtomically } from "../process/files.ts";
import { FatalError, log } from "../process/log.ts";
import { sharedFiles } from "./authorities.ts";

// Files below the server directory that a new server gets from the cluster: the authorities and their keys, the
// configuration that encrypts Secrets at rest, and the passwords for registration
// (k3s-io/k3s, pkg/daemons/config/types.go, ControlRuntimeBootstrap).
const sharedPaths = [
	...sharedFiles.map((file) => join("tls", file)),
	"cred/ipsec.psk",
	"cred/passwd",
	"cred/encryption-config.json",
	"cred/encryption-state.json",
];

const keyIterations = 4_096;

const otherToken = "bootstrap data already found and encrypted with different token";

// k3s-io/k3s, pkg/cluster/bootstrap.go: systemTimeSkew.
const clockSkewSeconds = 3;

/** Content of a shared file, and its last change in seconds since 1970. */
interface SharedFile {
	content: string;
	changed: number;
}

/** Shared files by their path below the server directory. */
export type SharedFiles = Record<string, SharedFile>;

/** Reads the shared files on this server's disk. */
export function readSharedFiles(paths: Paths): SharedFiles {
	const present = sharedPaths.filter((file) => existsSync(join(paths.server, file)));
	return Object.fromEntries(
		present.map((file) => {
			const path = join(paths.server, file);
			return [file, { content: readFileSync(path, "utf8"), changed: Math.floor(statSync(path).mtimeMs / 1_000) }];
		}),
	);
}

/** Before the keys of bootstrap data in the datastore. */
export const bootstrapPrefix = "/bootstrap/";

/** The key of the data that a token encrypts (k3s-io/k3s, pkg/cluster/encrypt.go, storageKey and keyHash). */
export function bootstrapKey(password: string): string {
	return `${bootstrapPrefix}${createHash("sha256").update(password).digest("hex").slice(0, 12)}`;
}

/**
 * @returns the data that the token encrypts, or `undefined` in a new datastore
 * @throws FatalError when the datastore has only data of another token (pkg/cluster/storage.go, getBootstrapKeyFromStorage)
 */
export async function findBootstrapData(etcd: EtcdClient, password: string): Promise<string | undefined> {
	const found = await etcd.get(bootstrapKey(password));
	if (found === undefined && (await etcd.keys(bootstrapPrefix)).length > 0) {
		throw new FatalError(otherToken);
	}
	return found;
}

/** Packs the shared files of this server, encrypted with the password of the server token. */
export function sealBootstrapData(paths: Paths, password: string): string {
	const salt = randomBytes(16);
	const nonce = randomBytes(12);
	const cipher = createCipheriv("aes-256-gcm", keyOf(password, salt), nonce);
	const text = JSON.stringify(readSharedFiles(paths));
	const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
	return `${salt.toString("hex")}:${Buffer.concat([nonce, sealed]).toString("base64")}`;
}

/**
 * Writes the shared files that another server packed.
 * @throws FatalError when they were encrypted with another password
 */
export function openBootstrapData(paths: Paths, password: string, data: string): void {
	writeSharedFiles(paths, unseal(password, data));
}

/**
 * Compares the files on disk with those in the datastore, as RKE2 does at every start. A file that is older than the
 * datastore's is replaced. A newer file stops the server, because other servers may still use the old one.
 * @throws FatalError that names each file that differs and is newer than in the datastore
 */
export function reconcileBootstrapData(paths: Paths, password: string, data: string, own: SharedFiles): void {
	const stored = unseal(password, data);
	const differing = Object.keys(stored).filter((file) => own[file]?.content !== stored[file]!.content);
	const newer = differing.filter((file) => (own[file]?.changed ?? 0) - stored[file]!.changed >= clockSkewSeconds);
	if (newer.length > 0) {
		throw new FatalError(
			`${newer.map((file) => join(paths.server, file)).join(", ")} newer than datastore and could cause a cluster ` +
				"outage. Remove the file(s) from disk and restart to be recreated from datastore.",
		);
	}
	// The configuration decides about the passwords (pkg/daemons/control/deps/deps.go, genUsers).
	const written = differing.filter((file) => file !== "cred/passwd");
	if (written.length > 0) {
		log.warning("Updating bootstrap data on disk from datastore");
		writeSharedFiles(paths, Object.fromEntries(written.map((file) => [file, stored[file]!])));
	}
}

function writeSharedFiles(paths: Paths, files: SharedFiles): void {
	for (const file of sharedPaths) {
		const shared = files[file];
		if (shared !== undefined) {
			const path = join(paths.server, file);
			writeFileAtomically(path, shared.content, 0o600);
			utimesSync(path, shared.changed, shared.changed);
		}
	}
}

function unseal(password: string, data: string): SharedFiles {
	const [salt = "", body = ""] = data.split(":");
	const bytes = Buffer.from(body, "base64");
	try {
		const decipher = createDecipheriv("aes-256-gcm", keyOf(password, Buffer.from(salt, "hex")), bytes.subarray(0, 12));
		decipher.setAuthTag(bytes.subarray(-16));
		return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString("utf8"));
	} catch {
		throw new FatalError(otherToken);
	}
}

function keyOf(password: string, salt: Buffer): Buffer {
	return pbkdf2Sync(password, salt, keyIterations, 32, "sha256");
}
