/** Where a node reads a snapshot from the S3 store, without the store's credentials. */
import type { StackConfig } from "../config/schema/stack.ts";
import { signedAddress } from "./signed-address.ts";

type SnapshotStore = NonNullable<StackConfig["cluster"]["etcdSnapshots"]["s3"]>;

export interface StoreCredentials {
	accessKey: string;
	secretKey: string;
}

/** An `up` that makes machines first may need some hours until it restores. */
const seconds = 12 * 60 * 60;

/**
 * Standard input of `restore.sh check` for a snapshot in the store: the signed address of the object, that of the list of its folder,
 * and then the authority of the store as PEM, if it is not a public one.
 *
 * @param at time of the signatures, which are good for 12 hours
 */
export function snapshotAddresses(
	store: SnapshotStore,
	{ accessKey, secretKey }: StoreCredentials,
	snapshot: string,
	at: Date,
): string {
	const key = { accessKey, secretKey, region: store.region };
	const { origin, root } = bucketOf(store);
	const folder = store.folder === undefined ? "" : `${store.folder}/`;
	const object = signedAddress(key, { origin, path: `${root}${folder}${snapshot}`, at, seconds });
	// The delimiter leaves out what RKE2 has in a folder of this one.
	const query = { delimiter: "/", "list-type": "2", prefix: folder };
	const list = signedAddress(key, { origin, path: root, query, at, seconds });
	return `${object}\n${list}\n${store.endpointCa ?? ""}`;
}

/**
 * The bucket's name is before the host or after it, as RKE2 decides (k3s-io/k3s, pkg/etcd/s3/s3.go, bucketLookupType; minio/minio-go,
 * pkg/s3utils/utils.go, IsVirtualHostSupported).
 */
function bucketOf({ endpoint, region, bucket, bucketLookup, insecure }: SnapshotStore): {
	origin: string;
	root: string;
} {
	const scheme = insecure ? "http" : "https";
	const host = endpoint.split(":", 1)[0]!;
	// Amazon's common endpoint knows the regions of its first years only.
	const place = host === "s3.amazonaws.com" ? endpoint.replace(host, `s3.${region}.amazonaws.com`) : endpoint;
	// A certificate for *.host does not cover a bucket with a dot.
	const fits = insecure || !bucket.includes(".");
	const large = /(^|\.)(amazonaws\.com(\.cn)?|storage\.googleapis\.com|aliyuncs\.com)$/.test(host);
	return bucketLookup === "dns" || (bucketLookup === "auto" && large && fits)
		? { origin: `${scheme}://${bucket}.${place}`, root: "" }
		: { origin: `${scheme}://${place}`, root: `${bucket}/` };
}
