import type { ApiConstructor, ApiType, KubeConfig } from "@kubernetes/client-node";
import type * as pulumi from "@pulumi/pulumi";

type Library = typeof import("@kubernetes/client-node");

/**
 * Creates a client of the API class that `choose` picks from the library.
 *
 * @param at URL of one server's API; default the address of the API
 */
export type Connect = <Api extends ApiType>(
	choose: (library: Library) => ApiConstructor<Api>,
	at?: string,
) => Promise<Api>;

/**
 * Clients of the cluster's API for hooks. The library is loaded only when a hook runs, and not in previews.
 *
 * @param kubeconfig the administrator's
 */
export function apiClient(kubeconfig: pulumi.Output<string>): Connect {
	const resolved = new Promise<string>((resolve) => {
		kubeconfig.apply(resolve);
	});
	return async (choose, at) => connectWith(await resolved)(choose, at);
}

/** Clients of the API of a kubeconfig that is known already. */
export function connectWith(kubeconfig: string): Connect {
	return async (choose, at) => {
		const library = await import("@kubernetes/client-node");
		const config: KubeConfig = new library.KubeConfig();
		config.loadFromString(kubeconfig);
		if (at !== undefined) {
			config.clusters = config.clusters.map((cluster) => ({ ...cluster, server: at }));
		}
		return config.makeApiClient(choose(library));
	};
}
