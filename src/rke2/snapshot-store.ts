/** The Secret with the S3 store for etcd snapshots. RKE2 reads it at every snapshot. */
import type { StackConfig } from "../config/schema/stack.ts";

/** Name of the Secret, in kube-system. */
export const snapshotStoreSecret = "rke2-etcd-snapshot-store";

/** https://docs.rke2.io/datastore/backup_restore#s3-configuration-secret-support */
export const snapshotStoreSecretType = "etcd.k3s.cattle.io/s3-config-secret";

type SnapshotStore = NonNullable<StackConfig["cluster"]["etcdSnapshots"]["s3"]>;

/** Content of the Secret without the credentials; the keys are those of config.yaml. */
export function snapshotStoreSettings(store: SnapshotStore): Record<string, string> {
	return {
		"etcd-s3-endpoint": store.endpoint,
		"etcd-s3-bucket": store.bucket,
		"etcd-s3-region": store.region,
		"etcd-s3-retention": `${store.retention}`,
		"etcd-s3-insecure": `${store.insecure}`,
		...(store.bucketLookup === "auto" ? {} : { "etcd-s3-bucket-lookup-type": store.bucketLookup }),
		...(store.folder === undefined ? {} : { "etcd-s3-folder": store.folder }),
		...(store.endpointCa === undefined ? {} : { "etcd-s3-endpoint-ca": store.endpointCa }),
	};
}
