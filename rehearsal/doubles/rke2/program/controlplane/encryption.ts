import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ServerSettings } from "../config/settings.ts";
import type { Paths } from "../paths.ts";
import { writeFileAtomically } from "../process/files.ts";

export function encryptionConfigFile(paths: Paths): string {
	return join(paths.credentials, "encryption-config.json");
}

/** Creates the configuration that encrypts Secrets at rest, once per cluster. RKE2 has no switch to disable it. */
export function ensureEncryptionConfig(paths: Paths, settings: ServerSettings): void {
	const file = encryptionConfigFile(paths);
	if (existsSync(file)) {
		return;
	}
	const key = { name: `${settings.encryptionProvider}key`, secret: randomBytes(32).toString("base64") };
	const config = JSON.stringify({
		kind: "EncryptionConfiguration",
		apiVersion: "apiserver.config.k8s.io/v1",
		resources: [
			{ resources: ["secrets"], providers: [{ [settings.encryptionProvider]: { keys: [key] } }, { identity: {} }] },
		],
	});
	writeFileAtomically(file, config, 0o600);
	const state = `start-${createHash("sha256").update(config).digest("hex")}`;
	writeFileAtomically(join(paths.credentials, "encryption-state.json"), JSON.stringify(state), 0o600);
}
