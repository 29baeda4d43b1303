import type { Command } from "@pulumi/command/remote/command.js";
import type * as pulumi from "@pulumi/pulumi";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import type { ClusterNode } from "./node.ts";
import { remoteScript } from "./remote-script.ts";

/**
 * Makes a machine a member of the cluster, once. A later change of its configuration or version is converge's: here it is
 * ignored, or all nodes would meet it at the same time.
 *
 * Nothing happens on the node when the resource is deleted: a member leaves by being drained and deleted from the API
 * first, which takes another server.
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
		{ connection, script: "join.sh", arguments: [nodeName, role, version], stdin: bundle, timeoutSeconds: 1800 },
		{ ...opts, ignoreChanges: ["create", "stdin"] },
	);
}
