import type { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import type { NodeMachine } from "./node-access.ts";
import { labelNode } from "./node-labels.ts";
import { createSnapshotStoreSecret, type SnapshotStoreCredentials } from "./snapshot-store.ts";

export interface ClusterSettingsArgs {
	stack: Pick<StackConfig, "cluster" | "nodes">;
	/** For the S3 store of etcd snapshots, if the stack has one. */
	snapshotStoreCredentials: Partial<SnapshotStoreCredentials>;
	/** By node name. */
	machines: Readonly<Record<string, NodeMachine>>;
	provider: Provider;
	/** The cluster that has the settings. They end with it. */
	cluster: pulumi.Resource;
}

/** Settings that RKE2 and Kubernetes read from the cluster's own API, not from files on its nodes. */
export class ClusterSettings extends pulumi.ComponentResource {
	constructor(name: string, args: ClusterSettingsArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:cluster:Settings", name, {}, opts);
		const { stack, machines, provider, cluster } = args;
		const childOptions = { parent: this, provider, deletedWith: cluster };

		for (const [node, config] of Object.entries(stack.nodes)) {
			labelNode(
				node,
				{ clusterName: stack.cluster.name, node: config },
				{
					...childOptions,
					// A machine that was made anew has registered without them.
					replacementTrigger: machines[node]!.identity,
					// To give the labels up the provider applies an empty Node, which would create the Node that has left.
					retainOnDelete: true,
				},
			);
		}
		const { s3 } = stack.cluster.etcdSnapshots;
		if (s3) {
			// The checks refuse a stack with a store and without its credentials.
			createSnapshotStoreSecret(s3, args.snapshotStoreCredentials as SnapshotStoreCredentials, childOptions);
		}
		this.registerOutputs({});
	}
}
