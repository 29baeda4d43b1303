import type { NodeConfig } from "../config/schema/stack.ts";
import { shared, sharingLabel } from "./gpu-sharing.ts";

/**
 * Labels of a node: its host, its role, and those of the stack file, which have precedence. A Proxmox host fails as a whole,
 * so that it is the zone across which Kubernetes spreads replicas.
 * https://kubernetes.io/docs/reference/labels-annotations-taints/#topologykubernetesiozone
 */
export function nodeLabels(clusterName: string, node: NodeConfig): Record<string, string> {
	return {
		"topology.kubernetes.io/region": clusterName,
		"topology.kubernetes.io/zone": node.host,
		// RKE2 gives servers their role labels, and workers none.
		...(node.role === "worker" ? { "node-role.kubernetes.io/worker": "true" } : {}),
		...(node.gpu && node.gpu.timeSlices > 1 ? { [sharingLabel]: shared(node.gpu.timeSlices) } : {}),
		...node.labels,
	};
}
