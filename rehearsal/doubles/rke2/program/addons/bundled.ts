import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { addressIn, type ServerSettings } from "../config/settings.ts";
import type { Paths } from "../paths.ts";
import { writeFileAtomically } from "../process/files.ts";

const manifestsSource = join(import.meta.dirname, "../manifests");

/**
 * Writes the bundled add-ons into the server's manifests directory, as RKE2 does at every start, and removes those that
 * `disable` or `cni` exclude.
 */
export function writeBundledManifests(paths: Paths, settings: ServerSettings): void {
	mkdirSync(paths.manifests, { recursive: true, mode: 0o700 });
	const values: Record<string, string> = {
		CLUSTER_CIDR: settings.critical.clusterCidr,
		CLUSTER_DNS: settings.critical.clusterDns,
		CLUSTER_DOMAIN: settings.critical.clusterDomain,
		KUBERNETES_SERVICE: addressIn(settings.critical.serviceCidr, 1),
	};
	for (const file of readdirSync(manifestsSource)) {
		const target = join(paths.manifests, file);
		if (isExcluded(basename(file, ".yaml"), settings)) {
			rmSync(target, { force: true });
			continue;
		}
		const text = readFileSync(join(manifestsSource, file), "utf8").replace(/\$\{(\w+)\}/g, (_, name: string) => {
			const value = values[name];
			if (value === undefined) {
				throw new Error(`${file} asks for an unknown value: ${name}`);
			}
			return value;
		});
		writeFileAtomically(target, text, 0o600);
	}
}

function isExcluded(addon: string, settings: ServerSettings): boolean {
	if (addon === "rke2-canal" && settings.cni !== "canal") {
		return true;
	}
	return settings.disabled.includes(addon);
}
