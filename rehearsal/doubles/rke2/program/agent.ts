import { join } from "node:path";
import type { FlagValues } from "./config/flag-values.ts";
import { requireProfile } from "./config/profile.ts";
import { nodeSettings } from "./config/settings.ts";
import { linkKubectl } from "./controlplane/kubeconfigs.ts";
import { kubeletCertificate, startAgentPart } from "./node/agent-part.ts";
import { nodeLabels, nodeTaints } from "./node/labels.ts";
import { serveLoadBalancer } from "./node/load-balancer.ts";
import type { Paths } from "./paths.ts";
import { parseToken } from "./pki/token.ts";
import { readIfPresent, writeFileAtomically } from "./process/files.ts";
import { FatalError } from "./process/log.ts";
import { notifyReady } from "./process/notify.ts";
import { every, retry } from "./process/retry.ts";
import type { Shutdown } from "./process/shutdown.ts";
import { connectSupervisor, type SupervisorClient } from "./supervisor/client.ts";

const apiPort = 6443;
const refreshInterval = 5_000;

/** `rke2 agent`: joins through `server:`, then uses every API server that it learns there. */
export async function runAgent(paths: Paths, flags: FlagValues, version: string, shutdown: Shutdown): Promise<void> {
	const settings = nodeSettings("agent", flags);
	const { serverUrl, token } = settings;
	if (serverUrl === undefined) {
		throw new FatalError("--server is required");
	}
	if (token === undefined) {
		throw new FatalError("--token is required");
	}
	parseToken(token);
	requireProfile(settings, paths);
	nodeLabels(settings.labels);
	nodeTaints(settings.taints);
	linkKubectl(paths);

	const { signal } = shutdown;
	const stateFile = join(paths.agentState, "rke2-api-server-agent-load-balancer.json");
	let servers = knownServers(stateFile);
	const supervisors = () => [serverUrl, ...servers.map((server) => `https://${server.replace(/:\d+$/, "")}:9345`)];
	let turn = 0;
	// Each attempt uses the next known server: the registration address may be down while the cluster works.
	const ask = <T>(question: (supervisor: SupervisorClient) => Promise<T>): Promise<T> => {
		const known = supervisors();
		const url = known[turn++ % known.length]!;
		return connectSupervisor(url, token, "node", kubeletCertificate(paths)).then(question);
	};
	const [supervisor, first] = await retry({ signal, interval: 1_000, waitingFor: "Waiting for a server" }, () =>
		ask(async (client) => [client, await client.apiservers()] as const),
	);
	servers = first;
	remember(stateFile, servers);

	const balancer = await serveLoadBalancer({ address: "127.0.0.1", port: apiPort }, servers, signal);
	shutdown.onStop(async () => balancer.close());
	every(refreshInterval, signal, "looking for API servers", async () => {
		const found = await ask((client) => client.apiservers());
		if (found.length === 0 || found.join() === servers.join()) {
			return;
		}
		servers = found;
		balancer.setServers(servers);
		remember(stateFile, servers);
	});

	const kwok = await startAgentPart(paths, settings, supervisor, version, signal);
	shutdown.onStop(() => kwok.stop());
	notifyReady("rke2 agent is up and running");
}

function knownServers(stateFile: string): string[] {
	const state = readIfPresent(stateFile);
	return state === undefined ? [] : JSON.parse(state).ServerAddresses;
}

function remember(stateFile: string, servers: string[]): void {
	writeFileAtomically(stateFile, JSON.stringify({ ServerAddresses: servers }), 0o600);
}
