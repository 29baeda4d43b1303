import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineOptions } from "./engine.ts";

/** `PULUMI_CONFIG_PASSPHRASE` if it is set, otherwise a random one for the stack, in a file beside its state (mode 0600). */
export function passphraseOf(options: EngineOptions): string {
	const given = options.environment.PULUMI_CONFIG_PASSPHRASE ?? process.env.PULUMI_CONFIG_PASSPHRASE;
	if (given) {
		return given;
	}
	const file = join(options.stateDirectory, "passphrase");
	if (!existsSync(file)) {
		mkdirSync(options.stateDirectory, { recursive: true, mode: 0o700 });
		writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600 });
	}
	return readFileSync(file, "utf8");
}
