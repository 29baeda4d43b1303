/** Rules for a restore of etcd. */
import type { Problem } from "../read/problems.ts";
import type { StackConfig } from "../schema/stack.ts";

export function checkRestore({ cluster: { restore }, nodes }: StackConfig): Problem[] {
	const servers = Object.keys(nodes).filter((name) => nodes[name]!.role === "control-plane");
	if (restore === undefined || servers.includes(restore.server)) {
		return [];
	}
	return [
		{
			key: "cluster.restore.server",
			message: `is ${restore.server}, which is no control plane and has no snapshot of etcd; choose one of ${servers.join(", ")}.`,
		},
	];
}
