/** Checks that the API answers at the address in the kubeconfig, and under its DNS name. */
import { KubeConfig, VersionApi } from "@kubernetes/client-node";
import { apiHost } from "../../src/config/derived/endpoints.ts";
import type { StackConfig } from "../../src/config/schema/stack.ts";

/** Address or name of the API in the kubeconfig. */
export function addressOf(config: KubeConfig): string {
	return new URL(config.getCurrentCluster()?.server ?? "https://unknown").hostname;
}

/** Sentences; empty when the kubeconfig has the address of the stack file, and the name resolves and is in the certificate. */
export async function addressProblems(config: KubeConfig, { cluster }: StackConfig): Promise<string[]> {
	const found = addressOf(config);
	const expected = apiHost(cluster);
	return [
		...(found === expected ? [] : [`the kubeconfig names ${found} instead of ${expected}`]),
		...(await nameProblems(config, cluster.api.hostname)),
	];
}

async function nameProblems(config: KubeConfig, hostname: string): Promise<string[]> {
	const byName = new KubeConfig();
	const server = `https://${hostname}:6443`;
	byName.loadFromClusterAndUser({ ...config.getCurrentCluster()!, server }, config.getCurrentUser()!);
	try {
		await byName.makeApiClient(VersionApi).getCode();
		return [];
	} catch (error) {
		return [`the API does not answer at ${server}: ${error instanceof Error ? error.message : error}`];
	}
}
