import type { Command } from "@pulumi/command/remote/command.js";
import * as pulumi from "@pulumi/pulumi";
import { apiHost } from "../../src/config/derived/endpoints.ts";
import { batchesOf, unavailableWorkers } from "../../src/config/derived/worker-batches.ts";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { apiPort } from "../../src/facts/network.ts";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import { type ConvergeArgs, convergeNode } from "./converge.ts";
import { rotateEncryptionKey } from "./encryption-key.ts";
import { forgetFormerNode } from "./former-node.ts";
import { joinNode } from "./join.ts";
import { readKubeconfig } from "./kubeconfig.ts";
import { convergenceRestarts, keepToMaintenanceWindow, tokensDiffer } from "./maintenance-window.ts";
import { ClusterNode } from "./node.ts";
import type { NodeAccess, NodeMachine } from "./node-access.ts";
import { powerCycleWhenResized } from "./power-cycle.ts";
import { describeRegistries } from "./registries.ts";
import { type Restore, restoreCluster } from "./restore.ts";
import { warnOfResult } from "./result-warning.ts";
import { revisionOf } from "./revision.ts";
import { announceRollout } from "./rollout-plan.ts";
import { seedCluster } from "./seed.ts";
import type { SnapshotStoreCredentials } from "./snapshot-store.ts";
import { storedSnapshot } from "./stored-snapshot.ts";
import { type Tokens, writeTokens } from "./token.ts";
import { refuseUnsupportedChanges } from "./unsupported-changes.ts";
import { type SnapshotNames, SnapshotsBeforeChange } from "./vm-snapshots.ts";

export interface Rke2ClusterArgs {
	stack: StackConfig;
	/** By node name. */
	machines: Readonly<Record<string, NodeMachine>>;
	/** The program's own key, in OpenSSH form. */
	sshPrivateKey: pulumi.Output<string>;
	/** The program's key on `ssh.bastion`. */
	bastionKey?: pulumi.Output<string> | undefined;
	proxmoxApiToken: pulumi.Output<string>;
	clusterToken: pulumi.Output<string>;
	/** By which workers register. */
	agentToken: pulumi.Output<string>;
	/** Credentials of the S3 store for etcd snapshots, if the stack has one. */
	snapshotStoreCredentials: Partial<SnapshotStoreCredentials>;
	/** Credentials of image registries, as the stack's secret of that name. */
	registryCredentials?: pulumi.Output<string> | undefined;
	/** The administrator's kubeconfig that the state has; none before the first `up`. */
	recordedKubeconfig: string | undefined;
	/** The snapshots of the VMs that the state has. */
	recordedSnapshots: SnapshotNames | undefined;
	/** Whether this `up` has to do the restore of `cluster.restore`. */
	restoring: boolean;
}

/**
 * Makes a cluster of the VMs. `dependsOn` alone sets the order: the nodes are prepared in parallel, one server creates the
 * cluster, or restores it, servers join one after another, and every change reaches them one after another. Then workers join in
 * parallel, and the change reaches them in batches. When a new worker joins, the servers already have its version and its
 * agent token.
 */
export class Rke2Cluster extends pulumi.ComponentResource {
	/** Administrator's kubeconfig, secret, with the address of the API and never that of one node. */
	readonly kubeconfig: pulumi.Output<string>;
	/** `https://<address or name of the API>:6443` */
	readonly apiEndpoint: string;
	/** Created once every node is a member with the wanted version and configuration. */
	readonly ready: pulumi.Resource[];
	/** The control plane nodes. */
	readonly servers: readonly NodeAccess[];
	/** The value of `cluster.restore`, once its restore is done. */
	readonly restored: pulumi.Output<Restore> | undefined;
	/** With `proxmox.snapshotsBeforeChange`: those that this program has taken. */
	readonly vmSnapshots: pulumi.Output<SnapshotNames> | undefined;

	constructor(name: string, args: Rke2ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:cluster:Cluster", name, {}, opts);
		const { cluster } = args.stack;
		const { version } = cluster;
		const tokens: Tokens = { server: args.clusterToken, agent: args.agentToken };
		const { controlPlanes, workers } = createNodes(args, this, warnOfResult(`${name}-preflight-findings`));
		const seed = seedCluster(nodeStepName(name, "seed"), { cluster, controlPlanes, tokens }, { parent: this });
		const forgotten = forgetFormerNode(`${name}-former-node`, args.recordedKubeconfig, args.restoring);

		const refusal = refuseUnsupportedChanges(`${name}-unsupported-changes`, args.restoring);
		const warning = warnOfResult(`${name}-pending-size`);
		const { snapshotsBeforeChange } = args.stack.proxmox;
		const vmSnapshots =
			snapshotsBeforeChange && new SnapshotsBeforeChange(`${name}-vm-snapshot`, args, snapshotsBeforeChange.retention);
		const serversInTurn = batchesOf(controlPlanes, 1);
		const workerBatches = batchesOf(workers, unavailableWorkers(args.stack));
		const namesInTurn = [...serversInTurn, ...workerBatches].map((batch) => batch.map(({ nodeName }) => nodeName));
		const plan = announceRollout(`${name}-rollout-plan`, vmSnapshots !== undefined, namesInTurn);
		const { maintenanceWindow } = cluster;
		const whenOpen = (hook: string, restarts: typeof convergenceRestarts) =>
			maintenanceWindow ? [keepToMaintenanceWindow(`${name}-${hook}`, maintenanceWindow, restarts)] : [];
		const hooks = {
			beforeUpdate: [
				refusal,
				plan,
				...whenOpen("maintenance-window", convergenceRestarts),
				...(vmSnapshots ? [vmSnapshots.hook] : []),
				powerCycleWhenResized(`${name}-power-cycle`, { ...args, kubeconfig: args.recordedKubeconfig }),
			],
			afterCreate: [warning],
			afterUpdate: [warning],
		};
		const wanted = { version, agentTokenRevision: revisionOf(args.agentToken, args.clusterToken) };
		const whenRotated = whenOpen("rotation-window", tokensDiffer);
		const distribution = { tokens, seed, beforeCreate: forgotten, beforeRotation: whenRotated };
		const rotated = giveTokensInTurn(controlPlanes, distribution);
		const restored =
			cluster.restore &&
			restoreCluster(
				`${name}-restore`,
				{
					restore: cluster.restore,
					stored: storedSnapshot(args.stack, args.snapshotStoreCredentials),
					version,
					controlPlanes,
					workers,
					dependsOn: [seed, ...rotated.values()],
				},
				{ parent: this },
			);
		const ready = restored ? [restored.servers] : [];
		const servers = joinInTurn(controlPlanes, version, rotated, ready);
		const converged = convergeInBatches(
			serversInTurn,
			wanted,
			[...servers, ...ready, ...(restored?.workers ?? [])],
			hooks,
		);
		const written = giveTokensAtOnce(workers, distribution, [...[...rotated.values()].slice(-1), ...ready]);
		const agents = joinInParallel(workers, version, written, converged);
		const connected = convergeInBatches(workerBatches, wanted, [...converged.slice(-1), ...agents], hooks);
		const rotation =
			cluster.secretsEncryptionKey === undefined
				? []
				: rotateEncryptionKey(
						name,
						{
							key: cluster.secretsEncryptionKey,
							version,
							servers: controlPlanes,
							isNew: args.recordedKubeconfig === undefined,
							dependsOn: [...converged, ...connected],
							beforeCreate: whenOpen("key-window", () => true),
						},
						{ parent: this },
					);
		this.ready = [...converged, ...connected, ...rotation];
		this.servers = controlPlanes;
		this.restored = restored?.done;
		this.vmSnapshots = vmSnapshots?.names(this.ready, args.recordedSnapshots);
		this.apiEndpoint = `https://${apiHost(cluster)}:${apiPort}`;
		this.kubeconfig = readKubeconfig(
			name,
			{
				servers: controlPlanes,
				clusterName: cluster.name,
				apiEndpoint: this.apiEndpoint,
				recorded: args.recordedKubeconfig,
			},
			// After the restarts of this `up`, which may renew the certificate.
			{ parent: this, dependsOn: converged },
		);
		this.registerOutputs({ apiEndpoint: this.apiEndpoint, kubeconfig: this.kubeconfig });
	}
}

interface Nodes {
	controlPlanes: readonly [ClusterNode, ...ClusterNode[]];
	workers: readonly ClusterNode[];
}

function createNodes(args: Rke2ClusterArgs, parent: pulumi.Resource, warning: pulumi.ResourceHook): Nodes {
	const { stack, machines, sshPrivateKey, bastionKey, proxmoxApiToken } = args;
	const registries = describeRegistries({ ...args, registries: stack.cluster.registries });
	const nodes = Object.entries(stack.nodes).map(([name, node]) => {
		const machine = machines[name];
		if (!machine) {
			throw new RangeError(`${name} is a node of the stack file, but has no VM.`);
		}
		const nodeArgs = { stack, node, sshPrivateKey, bastionKey, proxmoxApiToken, registries, machine, warning };
		return new ClusterNode(name, nodeArgs, { parent });
	});
	const [first, ...others] = nodes.filter(({ role }) => role === "server");
	if (!first) {
		throw new RangeError("The stack file has no control plane; a cluster needs at least one.");
	}
	return { controlPlanes: [first, ...others], workers: nodes.filter(({ role }) => role === "agent") };
}

type PerNode = ReadonlyMap<ClusterNode, Command>;

interface Distribution {
	tokens: Tokens;
	seed: Command;
	beforeCreate: pulumi.ResourceHook;
	/** On servers. */
	beforeRotation: pulumi.ResourceHook[];
}

/** The servers get the tokens one after another: the first one rotates the server token if it is another one. */
function giveTokensInTurn(servers: readonly ClusterNode[], { tokens, seed, ...hooks }: Distribution): PerNode {
	const written = chain(servers, (node, previous) =>
		writeTokens(
			nodeStepName(node.nodeName, "token"),
			node,
			{ tokens, authorityHash: seed.stdout, rotated: previous.length > 0 },
			{
				...node.stepOptions,
				dependsOn: [seed, node.prepared, ...previous],
				hooks: { beforeCreate: [hooks.beforeCreate], beforeUpdate: hooks.beforeRotation },
			},
		),
	);
	return new Map(servers.map((node, index) => [node, written[index]!]));
}

/** Workers get theirs once every server has its own, and from a cluster that is restored. */
function giveTokensAtOnce(
	workers: readonly ClusterNode[],
	{ tokens, seed, beforeCreate }: Distribution,
	before: readonly Command[],
): PerNode {
	const write = (node: ClusterNode) =>
		writeTokens(
			nodeStepName(node.nodeName, "token"),
			node,
			{ tokens, authorityHash: seed.stdout },
			{ ...node.stepOptions, dependsOn: [seed, node.prepared, ...before], hooks: { beforeCreate: [beforeCreate] } },
		);
	return new Map(workers.map((node) => [node, write(node)]));
}

/**
 * etcd admits one new member at a time, and each has to be a voter before the next one joins.
 *
 * @param ready after which the cluster has members that a server can join
 */
function joinInTurn(
	servers: readonly ClusterNode[],
	version: string,
	tokens: PerNode,
	ready: readonly Command[],
): Command[] {
	return chain(servers, (server, previous) =>
		joinNode(server, version, { ...server.stepOptions, dependsOn: [...previous, ...ready, tokens.get(server)!] }),
	);
}

function joinInParallel(
	workers: readonly ClusterNode[],
	version: string,
	tokens: PerNode,
	converged: readonly Command[],
): Command[] {
	return workers.map((worker) =>
		joinNode(worker, version, { ...worker.stepOptions, dependsOn: [...converged.slice(-1), tokens.get(worker)!] }),
	);
}

/** A batch waits for every node of the batch before. */
function convergeInBatches(
	batches: readonly (readonly ClusterNode[])[],
	wanted: ConvergeArgs,
	before: readonly Command[],
	hooks: pulumi.ResourceHookBinding,
): Command[] {
	const done: Command[] = [];
	let previous = before;
	for (const batch of batches) {
		const after = previous;
		previous = batch.map((node) =>
			convergeNode(node, wanted, { ...node.stepOptions, dependsOn: [...after, node.prepared], hooks }),
		);
		done.push(...previous);
	}
	return done;
}

/** Creates a command for each node that waits for the command of the node before; `previous` is empty for the first. */
function chain(
	nodes: readonly ClusterNode[],
	create: (node: ClusterNode, previous: readonly Command[]) => Command,
): Command[] {
	const done: Command[] = [];
	for (const node of nodes) {
		done.push(create(node, done.slice(-1)));
	}
	return done;
}
