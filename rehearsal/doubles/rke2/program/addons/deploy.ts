import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "../paths.ts";
import { log, messageOf } from "../process/log.ts";
import { every, retry } from "../process/retry.ts";
import { applyManifest } from "./kubectl.ts";

const crdsFile = join(import.meta.dirname, "crds.yaml");

// RKE2 checks every 15 s.
const scanInterval = 3_000;
// Delay before a refused manifest is applied again: its CRD may be in another file.
const retryAfter = 5_000;

/**
 * Creates the kinds that RKE2 itself has, then applies every file of the server's manifests directory, and applies a file
 * again when its content changes. As in RKE2, removing a file leaves its objects in the cluster, and servers do not
 * synchronize their directories.
 */
export async function deployManifests(paths: Paths, signal: AbortSignal): Promise<void> {
	await retry({ signal, interval: 500, waitingFor: "Waiting for the kinds of helm.cattle.io" }, () =>
		applyManifest(paths, crdsFile, signal),
	);
	const applied = new Map<string, string>();
	const failedAt = new Map<string, number>();
	every(scanInterval, signal, "deploying manifests", async () => {
		for (const name of manifestNames(paths.manifests)) {
			const file = join(paths.manifests, name);
			const digest = createHash("sha256").update(readFileSync(file)).digest("hex");
			if (applied.get(name) === digest || Date.now() - (failedAt.get(name) ?? 0) < retryAfter) {
				continue;
			}
			try {
				await applyManifest(paths, file, signal);
				applied.set(name, digest);
				failedAt.delete(name);
				log.info(`Applied manifest at ${JSON.stringify(file)}`);
			} catch (error) {
				failedAt.set(name, Date.now());
				if (!signal.aborted) {
					log.error(`Failed to process ${file}: ${messageOf(error)}`);
				}
			}
		}
	});
}

function manifestNames(directory: string): string[] {
	return readdirSync(directory)
		.filter((name) => /\.(ya?ml|json)$/.test(name) && !name.startsWith("."))
		.sort();
}
