import type { ApiConstructor, ApiType, KubeConfig } from "@kubernetes/client-node";
import type * as pulumi from "@pulumi/pulumi";

type Library = typeof import("@kubernetes/client-node");

/** Makes a client of the kind that is chosen out of the library. */
export type Connect = <Api extends ApiType>(choose: (library: Library) => ApiConstructor<Api>) => Promise<Api>;

/**
 * The cluster's API for hooks. The library is loaded only when a hook runs: previews do without it.
 *
 * @param kubeconfig of the administrator
 */
export function apiClient(kubeconfig: pulumi.Output<string>): Connect {
	const known = new Promise<string>((resolve) => {
		kubeconfig.apply(resolve);
	});
	return async (choose) => {
		const library = await import("@kubernetes/client-node");
		const config: KubeConfig = new library.KubeConfig();
		config.loadFromString(await known);
		return config.makeApiClient(choose(library));
	};
}
