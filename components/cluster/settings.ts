import type { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { LoadedStack } from "../../src/config/read/load.ts";
import { labelNode } from "./node-labels.ts";
import { createSnapshotStoreSecret } from "./snapshot-store.ts";

export interface ClusterSettingsArgs extends LoadedStack {
	provider: Provider;
	/** The cluster that keeps the settings, and that they are gone with. */
	cluster: pulumi.Resource;
}

/** What RKE2 and Kubernetes are told through the cluster's own API instead of a file on its nodes. */
export class ClusterSettings extends pulumi.ComponentResource {
	constructor(name: string, args: ClusterSettingsArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:cluster:Settings", name, {}, { ...opts, providers: [args.provider] });
		const { stack, secrets, cluster } = args;
		const inside = { parent: this, deletedWith: cluster };

		for (const [node, config] of Object.entries(stack.nodes)) {
			labelNode(node, { clusterName: stack.cluster.name, node: config }, inside);
		}
		const { s3 } = stack.cluster.etcdSnapshots;
		if (s3) {
			// Both are there: a stack with a store is refused without them.
			const credentials = { accessKey: secrets.etcdS3AccessKey!, secretKey: secrets.etcdS3SecretKey! };
			createSnapshotStoreSecret(s3, credentials, inside);
		}
		this.registerOutputs({});
	}
}
