/** Rules for the store of etcd snapshots. */
import type { Problem } from "../read/problems.ts";
import type { StackConfig } from "../schema/stack.ts";

export function checkSnapshots({ cluster: { etcdSnapshots } }: StackConfig): Problem[] {
	const { s3 } = etcdSnapshots;
	if (!s3?.insecure || s3.endpointCa === undefined) {
		return [];
	}
	return [
		{
			key: "cluster.etcdSnapshots.s3.endpointCa",
			message: "has no effect with `insecure`, which uses plain http; remove one of the two.",
		},
	];
}
