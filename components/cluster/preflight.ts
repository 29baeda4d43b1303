import type { Command } from "@pulumi/command/remote/command.js";
import type * as pulumi from "@pulumi/pulumi";
import type { NodeConfig, StackConfig } from "../../src/config/schema/stack.ts";
import { nodeInterface } from "../../src/facts/network.ts";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import { tarballUrl } from "../../src/rke2/artifact.ts";
import { proxyExceptions } from "../../src/rke2/proxy.ts";
import type { NodeAccess } from "./node-access.ts";
import { remoteScript } from "./remote-script.ts";

/**
 * Looks at a machine before anything is installed or changed on it, and again before another release is brought: on a new
 * node every finding stops it, on a member each is only said.
 */
export function lookFirst(
	{ nodeName, connection }: NodeAccess,
	{ stack, node }: { stack: StackConfig; node: NodeConfig },
	opts: pulumi.CustomResourceOptions,
): Command {
	const { cluster, platform } = stack;
	const words = [
		nodeName,
		node.address,
		nodeInterface,
		cluster.version,
		tarballUrl(cluster),
		node.gpu && platform.gpuOperator?.driver === "operator" ? "operator" : "none",
		cluster.preflight.accept.join(",") || "none",
		...(cluster.proxy ? [cluster.proxy.url, proxyExceptions(stack).join(",")] : []),
	];
	return remoteScript(
		nodeStepName(nodeName, "preflight"),
		// Ten minutes are cloud-init's, which may upgrade packages first.
		{ connection, script: "preflight.sh", arguments: words, timeoutSeconds: 900 },
		opts,
	);
}
