import type { ServerSettings } from "./config/settings.ts";
import type { EtcdMember } from "./etcd/client.ts";
import type { Paths } from "./paths.ts";
import { openBootstrapData } from "./pki/bootstrap-data.ts";
import { parseToken } from "./pki/token.ts";
import { FatalError, log } from "./process/log.ts";
import { retry } from "./process/retry.ts";
import { connectSupervisor } from "./supervisor/client.ts";
import { requireSameCriticalSettings } from "./supervisor/critical.ts";

/**
 * Fetches the authorities and their keys from an existing server.
 * @returns the etcd members, to join next
 * @throws FatalError when the token is wrong or a critical value differs
 */
export async function joinCluster(paths: Paths, settings: ServerSettings, signal: AbortSignal): Promise<EtcdMember[]> {
	const { serverUrl, token, agentToken = token } = settings;
	if (serverUrl === undefined) {
		throw new FatalError("--server is required to join a cluster");
	}
	if (token === undefined || agentToken === undefined) {
		throw new FatalError("--token is required to join a cluster");
	}
	return retry({ signal, interval: 1_000, waitingFor: `Waiting for ${serverUrl}` }, async () => {
		const supervisor = await connectSupervisor(serverUrl, token, "server");
		const asNode = await connectSupervisor(serverUrl, agentToken, "node");
		requireSameCriticalSettings(settings.critical, await asNode.criticalSettings());
		const members = await supervisor.etcdMembers();
		openBootstrapData(paths, parseToken(token).password, await supervisor.bootstrapData());
		log.info(`Joining the cluster of ${serverUrl}`);
		return members;
	});
}
