/** The section `cluster.etcdSnapshots.s3` of a stack file. */
import { z } from "zod";
import { hostAndPort, pemCertificates } from "./formats.ts";

export const snapshotStore = z
	.strictObject({
		endpoint: hostAndPort.describe("Host of the store, with its port when it is not the default one."),
		bucket: z
			.string()
			.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, {
				error: "must be the name of an S3 bucket: 3 to 63 of a-z 0-9 . -",
			})
			.describe("Create it first; RKE2 creates no bucket."),
		folder: z
			.string()
			.regex(/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/, {
				error: "must be a path such as cluster1, without a slash at the start or the end",
			})
			.optional()
			.describe("Folder in the bucket. Clusters that share a bucket need one each."),
		region: z.string().min(1).default("us-east-1").describe("Region of the bucket; most self-hosted stores ignore it."),
		retention: z
			.int()
			.min(1)
			.default(120)
			.describe("How many scheduled snapshots the bucket retains, beside those on the servers."),
		bucketLookup: z
			.enum(["auto", "dns", "path"])
			.default("auto")
			.describe(
				"Position of the bucket's name: `dns` is before the host, `path` is after it. `auto` lets RKE2 choose by the endpoint, which is wrong for some self-hosted stores.",
			),
		insecure: z
			.boolean()
			.default(false)
			.describe(
				"Whether snapshots travel by plain http. Only the Secrets in a snapshot are encrypted; everything else is in clear text.",
			),
		required: z
			.boolean()
			.default(false)
			.describe(
				"Whether the store has to take the snapshot before a change. If it does not, a change of a control plane, a rotation of `clusterToken` and one of `secretsEncryptionKey` stop before they change anything. By default they go on with the snapshot on the control plane, and `up` warns. A restart of a VM for another size, the repair of a control plane whose RKE2 does not work, and the replacement or the removal of a node take no snapshot.",
			),
		endpointCa: pemCertificates.optional().describe("Certificate authority of the store, when it is not a public one."),
	})
	.optional()
	.describe(
		"S3 store that gets a copy of every scheduled snapshot, and of the one before each change. Snapshots on the servers are lost with the servers.",
	);
