/** Rules for a restore of etcd. */
import type { Problem } from "../read/problems.ts";
import type { StackConfig } from "../schema/stack.ts";

export function checkRestore({ cluster: { etcdSnapshots, restore }, nodes }: StackConfig): Problem[] {
	if (restore === undefined) {
		return [];
	}
	const servers = Object.keys(nodes).filter((name) => nodes[name]!.role === "control-plane");
	const problems: Problem[] = [];
	if (!servers.includes(restore.server)) {
		problems.push({
			key: "cluster.restore.server",
			message: `is ${restore.server}, which is no control plane and has no snapshot of etcd; choose one of ${servers.join(", ")}.`,
		});
	}
	if (restore.from === "s3" && etcdSnapshots.s3 === undefined) {
		problems.push({
			key: "cluster.restore.from",
			message: "is s3, but the stack file has no cluster.etcdSnapshots.s3; add the store, or choose `server`.",
		});
	}
	return problems;
}
