import type { Command } from "@pulumi/command/remote/command.js";
import * as pulumi from "@pulumi/pulumi";
import { apiHost } from "../../src/config/api-host.ts";
import type { StackConfig } from "../../src/config/schema.ts";
import { apiPort } from "../../src/rke2/ports.ts";
import { convergeNode } from "./converge.ts";
import { joinNode } from "./join.ts";
import { readKubeconfig } from "./kubeconfig.ts";
import { ClusterNode } from "./node.ts";
import { warnOfPendingSize } from "./pending-size.ts";
import { describeRegistries } from "./registries.ts";
import { seedCluster } from "./seed.ts";
import { writeToken } from "./token.ts";
import { refuseUnsupportedChanges } from "./unsupported-changes.ts";

export interface Rke2ClusterArgs {
	stack: StackConfig;
	/** What each node's machine consists of, by node name. */
	machines: Readonly<Record<string, pulumi.Resource>>;
	/** The program's own key, in OpenSSH form. */
	sshPrivateKey: pulumi.Output<string>;
	proxmoxApiToken: pulumi.Output<string>;
	clusterToken: pulumi.Output<string>;
	/** Credentials of image registries, as the stack's secret of that name. */
	registryCredentials?: pulumi.Output<string> | undefined;
}

/**
 * From machines to a cluster. Order is said by `dependsOn` alone: machines are prepared in parallel, one server creates
 * the cluster, servers join one after another, workers in parallel, and then every change goes through one chain over
 * all nodes, control planes first.
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
		const { controlPlanes, workers } = createNodes(args, this);
		const seed = seedCluster(
			`${name}-seed`,
			{ cluster, controlPlanes, clusterToken: args.clusterToken },
			{ parent: this },
		);
		const tokens = distributeToken([...controlPlanes, ...workers], args.clusterToken, seed);
		const servers = joinInTurn(controlPlanes, cluster.version, tokens);
		const agents = joinInParallel(workers, cluster.version, tokens, servers);

		const refusal = refuseUnsupportedChanges(`${name}-unsupported-changes`);
		const warning = warnOfPendingSize(`${name}-pending-size`);
		this.ready = convergeInTurn([...controlPlanes, ...workers], cluster.version, [...servers, ...agents], {
			beforeUpdate: [refusal],
			afterCreate: [warning],
			afterUpdate: [warning],
		});
		this.apiEndpoint = `https://${apiHost(cluster)}:${apiPort}`;
		this.kubeconfig = readKubeconfig(
			`${name}-kubeconfig`,
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

function createNodes(args: Rke2ClusterArgs, parent: pulumi.Resource): Nodes {
	const { stack, machines, sshPrivateKey, proxmoxApiToken } = args;
	const registries = describeRegistries(args);
	const nodes = Object.entries(stack.nodes).map(([name, node]) => {
		const machine = machines[name];
		if (!machine) {
			throw new RangeError(`${name} is a node of the stack, but no machine was given for it.`);
		}
		return new ClusterNode(name, { stack, node, sshPrivateKey, proxmoxApiToken, registries, machine }, { parent });
	});
	const [first, ...others] = nodes.filter(({ role }) => role === "server");
	if (!first) {
		throw new RangeError("No node of the stack is a control plane; a cluster needs at least one.");
	}
	return { controlPlanes: [first, ...others], workers: nodes.filter(({ role }) => role === "agent") };
}

type PerNode = ReadonlyMap<ClusterNode, Command>;

function distributeToken(nodes: readonly ClusterNode[], clusterToken: pulumi.Output<string>, seed: Command): PerNode {
	return new Map(
		nodes.map((node) => [
			node,
			writeToken(
				`${node.nodeName}-token`,
				node,
				{ clusterToken, authorityHash: seed.stdout },
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
	servers: readonly Command[],
): Command[] {
	return workers.map((worker) =>
		joinNode(worker, version, { parent: worker, dependsOn: [...servers.slice(-1), tokens.get(worker)!] }),
	);
}

/** One node at a time, so that a change which breaks a node stops there. Workers never run ahead of the servers. */
function convergeInTurn(
	nodes: readonly ClusterNode[],
	version: string,
	joins: readonly Command[],
	hooks: pulumi.ResourceHookBinding,
): Command[] {
	return chain(nodes, (node, previous) =>
		convergeNode(node, version, {
			parent: node,
			dependsOn: [...(previous.length > 0 ? previous : joins), node.prepared],
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
