import type { Command } from "@pulumi/command/remote/command.js";
import * as pulumi from "@pulumi/pulumi";
import { apiHost } from "../../src/config/derived/endpoints.ts";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { apiPort } from "../../src/facts/network.ts";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import { type ConvergeArgs, convergeNode } from "./converge.ts";
import { joinNode } from "./join.ts";
import { readKubeconfig } from "./kubeconfig.ts";
import { ClusterNode } from "./node.ts";
import { describeRegistries } from "./registries.ts";
import { warnOfResult } from "./result-warning.ts";
import { revisionOf } from "./revision.ts";
import { seedCluster } from "./seed.ts";
import { type Tokens, writeTokens } from "./token.ts";
import { refuseUnsupportedChanges } from "./unsupported-changes.ts";

export interface Rke2ClusterArgs {
	stack: StackConfig;
	/** What each node's machine consists of, by node name. */
	machines: Readonly<Record<string, pulumi.Resource>>;
	/** The program's own key, in OpenSSH form. */
	sshPrivateKey: pulumi.Output<string>;
	proxmoxApiToken: pulumi.Output<string>;
	clusterToken: pulumi.Output<string>;
	/** By which workers register. */
	agentToken: pulumi.Output<string>;
	/** Credentials of image registries, as the stack's secret of that name. */
	registryCredentials?: pulumi.Output<string> | undefined;
}

/**
 * From machines to a cluster. Order is said by `dependsOn` alone: machines are prepared in parallel, one server creates
 * the cluster, servers join one after another, every change goes through them one after another, and then workers join in
 * parallel and the changes go on through them. A worker that is new thus meets servers that have the version and the
 * agent token that it comes with.
 */
export class Rke2Cluster extends pulumi.ComponentResource {
	/** Administrator's kubeconfig, secret; names where the API is reached, never one node. */
	readonly kubeconfig: pulumi.Output<string>;
	/** `https://<address or name of the API>:6443` */
	readonly apiEndpoint: string;
	/** Done when every node is a member and runs the wanted version and configuration. */
	readonly ready: pulumi.Resource[];

	constructor(name: string, args: Rke2ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:cluster:Cluster", name, {}, opts);
		const { cluster } = args.stack;
		const { version } = cluster;
		const tokens: Tokens = { server: args.clusterToken, agent: args.agentToken };
		const { controlPlanes, workers } = createNodes(args, this, warnOfResult(`${name}-preflight-findings`));
		const seed = seedCluster(nodeStepName(name, "seed"), { cluster, controlPlanes, tokens }, { parent: this });
		const written = distributeTokens([...controlPlanes, ...workers], tokens, seed);

		const refusal = refuseUnsupportedChanges(`${name}-unsupported-changes`);
		const warning = warnOfResult(`${name}-pending-size`);
		const hooks = { beforeUpdate: [refusal], afterCreate: [warning], afterUpdate: [warning] };
		const wanted = { version, agentTokenRevision: revisionOf(args.agentToken, args.clusterToken) };
		const servers = joinInTurn(controlPlanes, version, written);
		const converged = convergeInTurn(controlPlanes, wanted, servers, hooks);
		const agents = joinInParallel(workers, version, written, converged);
		this.ready = [...converged, ...convergeInTurn(workers, wanted, [...converged.slice(-1), ...agents], hooks)];
		this.apiEndpoint = `https://${apiHost(cluster)}:${apiPort}`;
		this.kubeconfig = readKubeconfig(
			nodeStepName(name, "kubeconfig"),
			{ server: controlPlanes[0], clusterName: cluster.name, apiEndpoint: this.apiEndpoint },
			{ parent: this, dependsOn: servers },
		);
		this.registerOutputs({ apiEndpoint: this.apiEndpoint, kubeconfig: this.kubeconfig });
	}
}

interface Nodes {
	controlPlanes: readonly [ClusterNode, ...ClusterNode[]];
	workers: readonly ClusterNode[];
}

function createNodes(args: Rke2ClusterArgs, parent: pulumi.Resource, warning: pulumi.ResourceHook): Nodes {
	const { stack, machines, sshPrivateKey, proxmoxApiToken } = args;
	const registries = describeRegistries(args);
	const nodes = Object.entries(stack.nodes).map(([name, node]) => {
		const machine = machines[name];
		if (!machine) {
			throw new RangeError(`${name} is a node of the stack, but no machine was given for it.`);
		}
		const known = { stack, node, sshPrivateKey, proxmoxApiToken, registries, machine, warning };
		return new ClusterNode(name, known, { parent });
	});
	const [first, ...others] = nodes.filter(({ role }) => role === "server");
	if (!first) {
		throw new RangeError("No node of the stack is a control plane; a cluster needs at least one.");
	}
	return { controlPlanes: [first, ...others], workers: nodes.filter(({ role }) => role === "agent") };
}

type PerNode = ReadonlyMap<ClusterNode, Command>;

function distributeTokens(nodes: readonly ClusterNode[], tokens: Tokens, seed: Command): PerNode {
	return new Map(
		nodes.map((node) => [
			node,
			writeTokens(
				nodeStepName(node.nodeName, "token"),
				node,
				{ tokens, authorityHash: seed.stdout },
				{ parent: node, dependsOn: [seed, node.prepared] },
			),
		]),
	);
}

/** etcd takes one new member at a time, and each is to be a voter before the next one comes. */
function joinInTurn(servers: readonly ClusterNode[], version: string, tokens: PerNode): Command[] {
	return chain(servers, (server, previous) =>
		joinNode(server, version, { parent: server, dependsOn: [...previous, tokens.get(server)!] }),
	);
}

function joinInParallel(
	workers: readonly ClusterNode[],
	version: string,
	tokens: PerNode,
	converged: readonly Command[],
): Command[] {
	return workers.map((worker) =>
		joinNode(worker, version, { parent: worker, dependsOn: [...converged.slice(-1), tokens.get(worker)!] }),
	);
}

/** One node at a time, so that a change which breaks a node stops there. */
function convergeInTurn(
	nodes: readonly ClusterNode[],
	wanted: ConvergeArgs,
	before: readonly Command[],
	hooks: pulumi.ResourceHookBinding,
): Command[] {
	return chain(nodes, (node, previous) =>
		convergeNode(node, wanted, {
			parent: node,
			dependsOn: [...(previous.length > 0 ? previous : before), node.prepared],
			hooks,
		}),
	);
}

/** Creates something for each node that comes after the same for the node before; `previous` is empty for the first. */
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
