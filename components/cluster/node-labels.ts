import { NodePatch } from "@pulumi/kubernetes/core/v1/nodePatch.js";
import type * as pulumi from "@pulumi/pulumi";
import type { NodeConfig, StackConfig } from "../../src/config/schema/stack.ts";
import { nodeLabels } from "../../src/rke2/node-labels.ts";

/**
 * Labels a node through the API. What a kubelet says about its own node counts only when the node registers, and it may
 * not say everything: with a role label among them it does not start.
 */
export function labelNode(
	name: string,
	{ stack, node }: { stack: StackConfig; node: NodeConfig },
	opts: pulumi.CustomResourceOptions,
): NodePatch {
	return new NodePatch(`${name}-labels`, { metadata: { name, labels: nodeLabels(stack, node) } }, opts);
}
