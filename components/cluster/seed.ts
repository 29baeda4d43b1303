import type { Command } from "@pulumi/command/remote/command.js";
import type * as pulumi from "@pulumi/pulumi";
import { apiHost } from "../../src/config/derived/endpoints.ts";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import type { ClusterNode } from "./node.ts";
import { remoteScript } from "./remote-script.ts";
import { type Tokens, writeTokens } from "./token.ts";

export interface SeedArgs {
	cluster: StackConfig["cluster"];
	controlPlanes: readonly [ClusterNode, ...ClusterNode[]];
	tokens: Tokens;
}

/**
 * Creates the cluster on one server, once. The resource belongs to the cluster, not to that server, which may be replaced or
 * removed later like any other.
 *
 * @returns the command; its standard output is the hash of the cluster's certificate authority
 */
export function seedCluster(
	name: string,
	{ cluster, controlPlanes, tokens }: SeedArgs,
	{ parent }: { parent: pulumi.Resource },
): Command {
	const [server, ...peers] = controlPlanes;
	const once = { parent, ignoreChanges: ["create", "stdin"] };
	const token = writeTokens(nodeStepName(name, "token"), server, { tokens }, { ...once, dependsOn: server.prepared });
	return remoteScript(
		name,
		{
			connection: server.connection,
			script: "seed.sh",
			arguments: [server.nodeName, cluster.version, apiHost(cluster), ...peers.map(({ address }) => address)],
			stdin: server.bundle,
			timeoutSeconds: 2400,
		},
		// After all control planes are prepared: before that, a peer cannot tell whether it belongs to a cluster.
		{ ...once, dependsOn: [token, ...controlPlanes.map(({ prepared }) => prepared)] },
	);
}
