import type { Command } from "@pulumi/command/remote/command.js";
import type * as pulumi from "@pulumi/pulumi";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import { releaseArguments } from "../../src/rke2/release-argument.ts";
import type { ClusterNode } from "./node.ts";
import { remoteScript } from "./remote-script.ts";

/**
 * Makes a node a member of the cluster, once. converge.ts applies later changes of its configuration or version. This resource
 * ignores them, or they would reach all nodes at the same time.
 *
 * Deleting the resource does nothing on the node: placement.ts takes a member out of the cluster before its VM is deleted.
 *
 * @param version RKE2 release, already prepared on the node
 */
export function joinNode(
	{ nodeName, role, connection, bundle }: ClusterNode,
	version: string,
	opts: pulumi.CustomResourceOptions,
): Command {
	return remoteScript(
		nodeStepName(nodeName, "join"),
		{
			connection,
			script: "join.sh",
			arguments: releaseArguments(nodeName, role, version),
			stdin: bundle,
			timeoutSeconds: 1800,
		},
		{ ...opts, ignoreChanges: ["create", "stdin"] },
	);
}
