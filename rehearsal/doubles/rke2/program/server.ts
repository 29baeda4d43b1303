import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeBundledManifests } from "./addons/bundled.ts";
import { hardenNamespaces } from "./addons/cis.ts";
import { deployManifests } from "./addons/deploy.ts";
import { manageNodes } from "./addons/node-controller.ts";
import { endReset } from "./cluster-reset.ts";
import type { FlagValues } from "./config/flag-values.ts";
import { requireProfile } from "./config/profile.ts";
import { type ServerSettings, serverSettings } from "./config/settings.ts";
import { apiserverArguments } from "./controlplane/apiserver.ts";
import { controllerManagerArguments } from "./controlplane/controller-manager.ts";
import { ensureEncryptionConfig } from "./controlplane/encryption.ts";
import { KeyRotation } from "./controlplane/key-rotation.ts";
import { supervisorCredentials, writeServerKubeconfigs } from "./controlplane/kubeconfigs.ts";
import { schedulerArguments } from "./controlplane/scheduler.ts";
import { writeStaticPod } from "./controlplane/static-pods.ts";
import { type EtcdClient, type EtcdMember, etcdClient } from "./etcd/client.ts";
import { requireReadableData } from "./etcd/cluster-version.ts";
import { joinEtcd } from "./etcd/join.ts";
import { hasDatastore, type InitialCluster, memberName, peerUrl, runEtcd } from "./etcd/member.ts";
import { promoteLearners, removeMembers } from "./etcd/membership.ts";
import { joinCluster } from "./join-cluster.ts";
import { type KubeClient, kubeClient } from "./kube/client.ts";
import { startAgentPart } from "./node/agent-part.ts";
import { grantKwokAccess } from "./node/kwok-access.ts";
import { nodeLabels, nodeTaints } from "./node/labels.ts";
import type { Paths } from "./paths.ts";
import { authorityFile, createAuthorities, hasAuthorities } from "./pki/authorities.ts";
import {
	bootstrapKey,
	findBootstrapData,
	readSharedFiles,
	reconcileBootstrapData,
	sealBootstrapData,
} from "./pki/bootstrap-data.ts";
import { ensureServerCertificates } from "./pki/leaves.ts";
import { ensureToken } from "./pki/server-token.ts";
import { superviseChild } from "./process/child.ts";
import { notifyReady } from "./process/notify.ts";
import { retry } from "./process/retry.ts";
import type { Shutdown } from "./process/shutdown.ts";
import { scheduleSnapshots } from "./snapshots/schedule.ts";
import { connectSupervisor } from "./supervisor/client.ts";
import { type SupervisorState, serveSupervisor } from "./supervisor/server.ts";
import { runKubeVipPods } from "./vip/kube-vip.ts";

// A new member of etcd 3.6 receives a snapshot while it publishes itself. It often loses the answer then, and publishes again
// only after its request timeout of 7 s, in which it serves no client. After a restart it publishes at once.
const publishTimeoutMs = 1_500;

/** `rke2 server`: resolves when the server is ready. The server then runs until the shutdown. */
export async function runServer(paths: Paths, flags: FlagValues, version: string, shutdown: Shutdown): Promise<void> {
	const settings = serverSettings(flags);
	requireProfile(settings, paths);
	nodeLabels(settings.labels);
	nodeTaints(settings.taints);

	const shared = readSharedFiles(paths);
	const members = await ensureClusterAuthorities(paths, settings, shutdown.signal);
	const passwords = ensureToken(paths, settings);
	await ensureServerCertificates(paths, settings);
	ensureEncryptionConfig(paths, settings);
	writeServerKubeconfigs(paths, settings);
	writeBundledManifests(paths, settings);

	const state: SupervisorState = {};
	const rotation = new KeyRotation(paths, settings, passwords.server);
	const supervisor = await serveSupervisor(paths, settings, passwords, rotation, state);
	shutdown.onStop(async () => {
		supervisor.closeAllConnections();
		supervisor.close();
	});

	const etcd = await startEtcd(paths, settings, members, shutdown);
	await requireReadableData(etcd, memberName(paths, settings.nodeName), version);
	state.etcd = etcd;
	promoteLearners(etcd, shutdown.signal);
	const bootstrap = await findBootstrapData(etcd, passwords.server);
	if (bootstrap === undefined) {
		await etcd.put(bootstrapKey(passwords.server), sealBootstrapData(paths, passwords.server));
	} else if (members === undefined) {
		// The stored data is not overwritten: an agent token that is set later is not in it (rancher/rke2#5785).
		reconcileBootstrapData(paths, passwords.server, bootstrap, shared);
	}

	const kube = await startControlPlane(paths, settings, version, shutdown);
	state.kube = kube;
	await endReset(paths, settings, kube);
	removeMembers(etcd, kube, shutdown.signal);
	const deploying = deployManifests(paths, shutdown.signal);

	await retry({ signal: shutdown.signal, interval: 250, waitingFor: "Waiting for RBAC" }, () => grantKwokAccess(kube));
	const own = await connectSupervisor("https://127.0.0.1:9345", passwords.agent, "node");
	const kwok = await startAgentPart(paths, settings, own, version, shutdown.signal);
	shutdown.onStop(() => kwok.stop());
	manageNodes(
		kube,
		settings,
		{ name: memberName(paths, settings.nodeName), address: settings.nodeIp },
		shutdown.signal,
	);
	void scheduleSnapshots(paths, flags, settings, shutdown.signal);
	await rotation.begin(kube, shutdown.signal);
	runKubeVipPods(kube, readFileSync(authorityFile(paths, "server"), "utf8"), paths, settings, shutdown);
	await deploying;
	if (settings.profile === "cis") {
		await hardenNamespaces(kube, shutdown.signal);
	}
	notifyReady("rke2 server is up and running");
}

/** Makes sure that the authorities are on disk. Returns the members to join, or `undefined` when there is no cluster to join. */
async function ensureClusterAuthorities(
	paths: Paths,
	settings: ServerSettings,
	signal: AbortSignal,
): Promise<EtcdMember[] | undefined> {
	// RKE2 ignores `server` when a datastore is on disk, so that any server may start first.
	if (hasDatastore(paths)) {
		return undefined;
	}
	if (settings.serverUrl !== undefined) {
		return joinCluster(paths, settings, signal);
	}
	if (!hasAuthorities(paths)) {
		await createAuthorities(paths);
	}
	return undefined;
}

async function startEtcd(
	paths: Paths,
	settings: ServerSettings,
	members: EtcdMember[] | undefined,
	shutdown: Shutdown,
): Promise<EtcdClient> {
	const own = `${memberName(paths, settings.nodeName)}=${peerUrl(settings)}`;
	let initial: InitialCluster | undefined;
	if (members !== undefined) {
		initial = await joinEtcd(paths, settings, members, shutdown.signal);
	} else if (!hasDatastore(paths)) {
		initial = { state: "new", members: [own] };
	}
	const child = runEtcd(paths, settings, initial);
	shutdown.onStop(() => child.stop());

	const etcd = etcdClient(paths);
	let publishAgainAt = initial?.state === "existing" ? Date.now() + publishTimeoutMs : Number.POSITIVE_INFINITY;
	await retry({ signal: shutdown.signal, interval: 250, waitingFor: "Waiting for etcd" }, async () => {
		const status = await etcd.status().catch(async (error: unknown) => {
			if (Date.now() > publishAgainAt) {
				publishAgainAt = Number.POSITIVE_INFINITY;
				await child.restart();
			}
			throw error;
		});
		if (status.isLearner) {
			throw new Error("this server has not yet been promoted from learner to voting member");
		}
		// A linearizable read succeeds only with a quorum.
		await etcd.members();
	});
	return etcd;
}

async function startControlPlane(
	paths: Paths,
	settings: ServerSettings,
	version: string,
	shutdown: Shutdown,
): Promise<KubeClient> {
	const start = (name: string, args: string[]) => {
		writeStaticPod(paths, name, version, args);
		const child = superviseChild({
			name,
			command: join(paths.binaries, name),
			args,
			logFile: join(paths.agentLogs, `${name}.log`),
		});
		shutdown.onStop(() => child.stop());
	};
	start("kube-apiserver", apiserverArguments(paths, settings));
	const kube = kubeClient(supervisorCredentials(paths));
	await retry(
		{ signal: shutdown.signal, interval: 250, waitingFor: "Waiting for API server to become available" },
		() => kube.get("/readyz"),
	);
	start("kube-controller-manager", controllerManagerArguments(paths, settings));
	start("kube-scheduler", schedulerArguments(paths, settings));
	return kube;
}
