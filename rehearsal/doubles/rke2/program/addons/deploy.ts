import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "../paths.ts";
import { log, messageOf } from "../process/log.ts";
import { every, retry } from "../process/retry.ts";
import { applyManifest } from "./kubectl.ts";

const CRDS = join(import.meta.dirname, "crds.yaml");

// RKE2 looks every 15 s.
const SCAN_INTERVAL = 3_000;
// A manifest that the API refuses is tried again this much later: its CRD may be another file's.
const RETRY_AFTER = 5_000;

/**
 * Makes the kinds that RKE2 itself brings, then applies every manifest of the server's manifests directory, and again
 * when its content changes. A file that goes away leaves its objects in the cluster, and the directories of the servers
 * are not kept in step: both as in RKE2.
 */
export async function deployManifests(paths: Paths, signal: AbortSignal): Promise<void> {
	await retry({ signal, interval: 500, waitingFor: "Waiting for the kinds of helm.cattle.io" }, () =>
		applyManifest(paths, CRDS, signal),
	);
	const applied = new Map<string, string>();
	const failedAt = new Map<string, number>();
	every(SCAN_INTERVAL, signal, "deploying manifests", async () => {
		for (const name of manifestNames(paths.manifests)) {
			const file = join(paths.manifests, name);
			const digest = createHash("sha256").update(readFileSync(file)).digest("hex");
			if (applied.get(name) === digest || Date.now() - (failedAt.get(name) ?? 0) < RETRY_AFTER) {
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
