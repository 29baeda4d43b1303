import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import type * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { snapshotStoreSecret, snapshotStoreSecretType, snapshotStoreSettings } from "../../src/rke2/snapshot-store.ts";

export interface SnapshotStoreCredentials {
	accessKey: pulumi.Output<string>;
	secretKey: pulumi.Output<string>;
}

/** The S3 store for etcd snapshots. RKE2 reads the Secret at every snapshot, so that a rotated key needs no restart. */
export function createSnapshotStoreSecret(
	store: NonNullable<StackConfig["cluster"]["etcdSnapshots"]["s3"]>,
	{ accessKey, secretKey }: SnapshotStoreCredentials,
	opts: pulumi.CustomResourceOptions,
): Secret {
	return new Secret(
		snapshotStoreSecret,
		{
			metadata: { name: snapshotStoreSecret, namespace: "kube-system" },
			type: snapshotStoreSecretType,
			stringData: {
				...snapshotStoreSettings(store),
				"etcd-s3-access-key": accessKey,
				"etcd-s3-secret-key": secretKey,
			},
		},
		opts,
	);
}
