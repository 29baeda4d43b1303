import type { Command } from "@pulumi/command/remote/command.js";
import * as pulumi from "@pulumi/pulumi";
import { apiHost } from "../../src/config/derived/endpoints.ts";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { apiPort } from "../../src/facts/network.ts";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import { type ConvergeArgs, convergeNode } from "./converge.ts";
import { forgetFormerNode } from "./former-node.ts";
import { joinNode } from "./join.ts";
import { readKubeconfig } from "./kubeconfig.ts";
import { convergenceRestarts, keepToMaintenanceWindow, tokensDiffer } from "./maintenance-window.ts";
import { ClusterNode } from "./node.ts";
import type { NodeAccess, NodeMachine } from "./node-access.ts";
import { powerCycleWhenResized } from "./power-cycle.ts";
import { describeRegistries } from "./registries.ts";
import { restoreCluster } from "./restore.ts";
import { warnOfResult } from "./result-warning.ts";
import { revisionOf } from "./revision.ts";
import { announceRollout } from "./rollout-plan.ts";
import { seedCluster } from "./seed.ts";
import { type Tokens, writeTokens } from "./token.ts";
import { refuseUnsupportedChanges } from "./unsupported-changes.ts";

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
	/** Credentials of image registries, as the stack's secret of that name. */
	registryCredentials?: pulumi.Output<string> | undefined;
	/** The administrator's kubeconfig that the state has; none before the first `up`. */
	recordedKubeconfig: string | undefined;
}

/**
 * Makes a cluster of the VMs. `dependsOn` alone sets the order: the nodes are prepared in parallel, one server creates the
 * cluster, servers join one after another, and every change reaches them one after another. Then workers join in parallel,
 * and the change reaches them one after another. When a new worker joins, the servers already have its version and its agent
 * token.
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

	constructor(name: string, args: Rke2ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:cluster:Cluster", name, {}, opts);
		const { cluster } = args.stack;
		const { version } = cluster;
		const tokens: Tokens = { server: args.clusterToken, agent: args.agentToken };
		const { controlPlanes, workers } = createNodes(args, this, warnOfResult(`${name}-preflight-findings`));
		const seed = seedCluster(nodeStepName(name, "seed"), { cluster, controlPlanes, tokens }, { parent: this });
		const forgotten = forgetFormerNode(`${name}-former-node`, args.recordedKubeconfig);

		const refusal = refuseUnsupportedChanges(`${name}-unsupported-changes`, cluster.restore !== undefined);
		const warning = warnOfResult(`${name}-pending-size`);
		const plan = announceRollout(`${name}-rollout-plan`);
		const { maintenanceWindow } = cluster;
		const whenOpen = (hook: string, restarts: typeof convergenceRestarts) =>
			maintenanceWindow ? [keepToMaintenanceWindow(`${name}-${hook}`, maintenanceWindow, restarts)] : [];
		const hooks = {
			beforeUpdate: [
				refusal,
				plan,
				...whenOpen("maintenance-window", convergenceRestarts),
				powerCycleWhenResized(`${name}-power-cycle`, { ...args, kubeconfig: args.recordedKubeconfig }),
			],
			afterCreate: [warning],
			afterUpdate: [warning],
		};
		const wanted = { version, agentTokenRevision: revisionOf(args.agentToken, args.clusterToken) };
		const whenRotated = whenOpen("rotation-window", tokensDiffer);
		const written = distributeTokens({ controlPlanes, workers }, tokens, seed, forgotten, whenRotated);
		const servers = joinInTurn(controlPlanes, version, written);
		const restored = cluster.restore
			? restoreCluster(
					`${name}-restore`,
					{ restore: cluster.restore, version, controlPlanes, workers, dependsOn: [...servers, ...written.values()] },
					{ parent: this },
				)
			: [];
		const converged = convergeInTurn(controlPlanes, wanted, [...servers, ...restored], hooks);
		const agents = joinInParallel(workers, version, written, converged);
		this.ready = [...converged, ...convergeInTurn(workers, wanted, [...converged.slice(-1), ...agents], hooks)];
		this.servers = controlPlanes;
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

/**
 * The servers get the tokens one after another: the first one rotates the server token if it is another one. Workers follow when that
 * has succeeded.
 */
function distributeTokens(
	{ controlPlanes, workers }: Nodes,
	tokens: Tokens,
	seed: Command,
	beforeCreate: pulumi.ResourceHook,
	beforeRotation: pulumi.ResourceHook[],
): PerNode {
	const write = (node: ClusterNode, previous: readonly Command[]) => {
		const rotated = node.role === "server" && previous.length > 0;
		const hooks = { beforeCreate: [beforeCreate], beforeUpdate: node.role === "server" ? beforeRotation : [] };
		const options = { ...node.stepOptions, dependsOn: [seed, node.prepared, ...previous], hooks };
		const args = { tokens, authorityHash: seed.stdout, rotated };
		return writeTokens(nodeStepName(node.nodeName, "token"), node, args, options);
	};
	const servers = chain(controlPlanes, write);
	return new Map([
		...controlPlanes.map((node, index) => [node, servers[index]!] as const),
		...workers.map((node) => [node, write(node, servers.slice(-1))] as const),
	]);
}

/** etcd admits one new member at a time, and each has to be a voter before the next one joins. */
function joinInTurn(servers: readonly ClusterNode[], version: string, tokens: PerNode): Command[] {
	return chain(servers, (server, previous) =>
		joinNode(server, version, { ...server.stepOptions, dependsOn: [...previous, tokens.get(server)!] }),
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

/** One node at a time, so that a change that breaks a node reaches no other node. */
function convergeInTurn(
	nodes: readonly ClusterNode[],
	wanted: ConvergeArgs,
	before: readonly Command[],
	hooks: pulumi.ResourceHookBinding,
): Command[] {
	return chain(nodes, (node, previous) =>
		convergeNode(node, wanted, {
			...node.stepOptions,
			dependsOn: [...(previous.length > 0 ? previous : before), node.prepared],
			hooks,
		}),
	);
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
