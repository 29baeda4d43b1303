import type { Command } from "@pulumi/command/remote/command.js";
import type * as pulumi from "@pulumi/pulumi";
import type { NodeConfig, StackConfig } from "../../src/config/schema/stack.ts";
import { nodeInterface } from "../../src/facts/network.ts";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import { tarballUrl } from "../../src/rke2/artifact.ts";
import { imageEndpoints } from "../../src/rke2/image-endpoints.ts";
import { proxyArguments } from "../../src/rke2/proxy.ts";
import type { NodeAccess } from "./node-access.ts";
import { remoteScript } from "./remote-script.ts";

/**
 * Checks a node before the program installs or changes anything on it, and again before it downloads another release. On a new
 * node every finding is an error, on a member a warning.
 */
export function checkBeforehand(
	{ nodeName, connection }: NodeAccess,
	{ stack, node }: { stack: Pick<StackConfig, "cluster" | "network" | "platform">; node: NodeConfig },
	opts: pulumi.CustomResourceOptions,
): Command {
	const { cluster, platform } = stack;
	const args = [
		nodeName,
		node.address,
		nodeInterface,
		cluster.version,
		tarballUrl(cluster),
		node.gpu && platform.gpuOperator?.driver === "operator" ? "operator" : "none",
		cluster.preflight.accept.join(",") || "none",
		imageEndpoints(stack, node).join(","),
		...proxyArguments(stack),
	];
	return remoteScript(
		nodeStepName(nodeName, "preflight"),
		// Ten minutes of it are for cloud-init, which may upgrade packages first.
		{ connection, script: "preflight.sh", arguments: args, timeoutSeconds: 900 },
		opts,
	);
}
