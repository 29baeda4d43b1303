/** The kubernetes provider resource: which cluster, and when a change of it replaces everything inside. */
import { KubeConfig } from "@kubernetes/client-node";
import { z } from "zod";
import { configOnly, type Operation } from "../../resource-type.ts";
import { type Properties, plain, UNKNOWN } from "../../wire.ts";

const providerInputs = z.strictObject({
	/** The text itself, not a path. */
	kubeconfig: z.string(),
	clusterIdentifier: z.string().optional(),
});

export const kubernetesProvider = configOnly(providerInputs, replacedBy);

/**
 * As the plugin decides it (DiffConfig in its provider.go): an unchanged identifier settles the matter; without one an
 * unknown kubeconfig, or one whose active cluster has another server or authority, means another cluster.
 */
function replacedBy(before: Properties, after: Properties): string[] {
	const [old, now] = [plain(before), plain(after)];
	if (old.clusterIdentifier && now.clusterIdentifier) {
		return ["clusterIdentifier"];
	}
	if (now.kubeconfig === UNKNOWN || activeCluster(old.kubeconfig) !== activeCluster(now.kubeconfig)) {
		return ["kubeconfig"];
	}
	return [];
}

function activeCluster(kubeconfig: unknown): string {
	const config = new KubeConfig();
	config.loadFromString(String(kubeconfig));
	const cluster = config.getCurrentCluster();
	return JSON.stringify([cluster?.server, cluster?.caData]);
}

export function kubeconfigOf({ provider, urn }: Operation<unknown>): string {
	if (typeof provider.kubeconfig !== "string") {
		throw new Error(`${urn} has no explicit kubernetes provider; the embedded host never uses the ambient kubeconfig.`);
	}
	return provider.kubeconfig;
}
