import { NodePatch } from "@pulumi/kubernetes/core/v1/nodePatch.js";
import type * as pulumi from "@pulumi/pulumi";
import type { NodeConfig } from "../../src/config/schema/stack.ts";
import { nodeLabels } from "../../src/rke2/node-labels.ts";

/**
 * Labels a node through the API. Labels from a kubelet's configuration apply only when the node registers, and a kubelet does
 * not start with a role label among them.
 */
export function labelNode(
	name: string,
	{ clusterName, node }: { clusterName: string; node: NodeConfig },
	opts: pulumi.CustomResourceOptions,
): NodePatch {
	return new NodePatch(`${name}-labels`, { metadata: { name, labels: nodeLabels(clusterName, node) } }, opts);
}
