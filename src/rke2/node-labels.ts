import type { NodeConfig, StackConfig } from "../config/schema/stack.ts";
import { shared, sharingLabel } from "./gpu-sharing.ts";

/**
 * Labels of a node: where it runs, what it is for, and those of the stack file, which win. A Proxmox host is what fails
 * as a whole, so it is the zone over which Kubernetes spreads replicas.
 * https://kubernetes.io/docs/reference/labels-annotations-taints/#topologykubernetesiozone
 */
export function nodeLabels({ cluster }: StackConfig, node: NodeConfig): Record<string, string> {
	return {
		"topology.kubernetes.io/region": cluster.name,
		"topology.kubernetes.io/zone": node.host,
		// RKE2 gives servers their role labels, and workers none.
		...(node.role === "worker" ? { "node-role.kubernetes.io/worker": "true" } : {}),
		...(node.gpu && node.gpu.timeSlices > 1 ? { [sharingLabel]: shared(node.gpu.timeSlices) } : {}),
		...node.labels,
	};
}
