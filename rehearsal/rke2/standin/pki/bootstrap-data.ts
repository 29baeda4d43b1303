import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "../paths.ts";
import { writeFileAtomically } from "../process/files.ts";
import { FatalError } from "../process/log.ts";
import { SHARED_FILES } from "./authorities.ts";

// What a new server needs to belong to the cluster, below the server directory: the authorities and their keys, and
// the configuration that encrypts Secrets at rest.
const FILES = [
	...SHARED_FILES.map((file) => join("tls", file)),
	"cred/ipsec.psk",
	"cred/encryption-config.json",
	"cred/encryption-state.json",
];

const ITERATIONS = 4_096;

/** Packs the shared files of this server, sealed with the server token's password. */
export function sealBootstrapData(paths: Paths, password: string): string {
	const files = Object.fromEntries(
		FILES.filter((file) => existsSync(join(paths.server, file))).map((file) => [
			file,
			readFileSync(join(paths.server, file), "utf8"),
		]),
	);
	const salt = randomBytes(16);
	const nonce = randomBytes(12);
	const cipher = createCipheriv("aes-256-gcm", keyOf(password, salt), nonce);
	const sealed = Buffer.concat([cipher.update(JSON.stringify(files), "utf8"), cipher.final(), cipher.getAuthTag()]);
	return `${salt.toString("hex")}:${Buffer.concat([nonce, sealed]).toString("base64")}`;
}

/**
 * Writes the shared files that another server sealed.
 * @throws FatalError when the password is not the one that sealed them
 */
export function openBootstrapData(paths: Paths, password: string, data: string): void {
	const [salt = "", body = ""] = data.split(":");
	const bytes = Buffer.from(body, "base64");
	let files: Record<string, string>;
	try {
		const decipher = createDecipheriv("aes-256-gcm", keyOf(password, Buffer.from(salt, "hex")), bytes.subarray(0, 12));
		decipher.setAuthTag(bytes.subarray(-16));
		files = JSON.parse(Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString("utf8"));
	} catch {
		throw new FatalError("bootstrap data already found and encrypted with different token");
	}
	for (const file of FILES) {
		const content = files[file];
		if (content !== undefined) {
			writeFileAtomically(join(paths.server, file), content, 0o600);
		}
	}
}

function keyOf(password: string, salt: Buffer): Buffer {
	return pbkdf2Sync(password, salt, ITERATIONS, 32, "sha256");
}
