import type { CriticalSettings } from "../config/settings.ts";
import { FatalError } from "../process/log.ts";

// The names that RKE2 prints.
const rke2Names: Record<keyof CriticalSettings, string> = {
	clusterCidr: "ClusterIPRanges",
	serviceCidr: "ServiceIPRanges",
	clusterDns: "ClusterDNSs",
	clusterDomain: "ClusterDomain",
	disableCloudController: "DisableCCM",
	disableKubeProxy: "DisableKubeProxy",
	egressSelectorMode: "EgressSelectorMode",
};

/** @throws FatalError that names every critical value in which a joining server differs from the cluster */
export function requireSameCriticalSettings(own: CriticalSettings, cluster: CriticalSettings): void {
	const different = (Object.keys(rke2Names) as (keyof CriticalSettings)[]).filter((key) => own[key] !== cluster[key]);
	if (different.length === 0) {
		return;
	}
	throw new FatalError(
		`failed to validate server configuration: critical configuration value mismatch between servers: ${different
			.map((key) => rke2Names[key])
			.join(", ")}`,
	);
}
