import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ServerSettings } from "../config/settings.ts";
import type { Paths } from "../paths.ts";
import { readIfPresent, writeFileAtomically } from "../process/files.ts";

type Provider = ServerSettings["encryptionProvider"];

export interface EncryptionKey {
	name: string;
	/** 32 bytes in base64. */
	secret: string;
}

/** Where a rotation of the keys is. RKE2 has further stages for its older commands. */
export type EncryptionStage = "start" | "reencrypt_active" | "reencrypt_finished";

export function encryptionConfigFile(paths: Paths): string {
	return join(paths.credentials, "encryption-config.json");
}

/** The stage that a start of the server goes back to, with the digest of the configuration: `<stage>-<digest>`. */
function stageFile(paths: Paths): string {
	return join(paths.credentials, "encryption-state.json");
}

/** Creates the configuration that encrypts Secrets at rest, once per cluster. RKE2 has no switch to disable it. */
export function ensureEncryptionConfig(paths: Paths, { encryptionProvider }: ServerSettings): void {
	if (existsSync(encryptionConfigFile(paths))) {
		return;
	}
	writeEncryptionKeys(paths, encryptionProvider, [newKey(`${encryptionProvider}key`)]);
	recordStage(paths, "start");
}

/** The first key encrypts, all of them decrypt. */
export function encryptionKeys(paths: Paths, provider: Provider): EncryptionKey[] {
	const { resources } = JSON.parse(readFileSync(encryptionConfigFile(paths), "utf8"));
	return resources[0].providers[0][provider].keys;
}

/** k3s-io/k3s, pkg/secretsencrypt/config.go, WriteEncryptionConfig */
export function writeEncryptionKeys(paths: Paths, provider: Provider, keys: readonly EncryptionKey[]): void {
	const config = {
		kind: "EncryptionConfiguration",
		apiVersion: "apiserver.config.k8s.io/v1",
		resources: [{ resources: ["secrets"], providers: [{ [provider]: { keys } }, { identity: {} }] }],
	};
	writeFileAtomically(encryptionConfigFile(paths), JSON.stringify(config), 0o600);
}

/** The key of a rotation has the time in its name (pkg/server/handlers/secrets-encrypt.go, AppendNewEncryptionKey). */
export function rotatingKey(provider: Provider): EncryptionKey {
	return newKey(`${provider}key-${new Date().toISOString().replace(/\.\d+Z$/, "Z")}`);
}

function newKey(name: string): EncryptionKey {
	return { name, secret: randomBytes(32).toString("base64") };
}

/** The stage with the digest of the configuration on this server's disk. */
export function stageOf(paths: Paths, stage: EncryptionStage): string {
	const digest = createHash("sha256")
		.update(readFileSync(encryptionConfigFile(paths)))
		.digest("hex");
	return `${stage}-${digest}`;
}

export function recordStage(paths: Paths, stage: EncryptionStage): void {
	writeFileAtomically(stageFile(paths), stageOf(paths, stage), 0o600);
}

export function recordedStage(paths: Paths): string | undefined {
	return readIfPresent(stageFile(paths));
}
