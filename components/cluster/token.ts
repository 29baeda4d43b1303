import type { Command } from "@pulumi/command/remote/command.js";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterNode } from "./node.ts";
import { remoteScript } from "./remote-script.ts";

export interface TokenArgs {
	clusterToken: pulumi.Output<string>;
	/** Hash of the cluster's certificate authority, absent before the cluster exists. */
	authorityHash?: pulumi.Output<string>;
}

/** Writes the token to the file that config.yaml names, so that config.yaml itself holds no secret. */
export function writeToken(
	name: string,
	{ nodeName, connection }: ClusterNode,
	{ clusterToken, authorityHash }: TokenArgs,
	opts: pulumi.CustomResourceOptions,
): Command {
	return remoteScript(
		name,
		{
			connection,
			script: "token.sh",
			arguments: [nodeName, ...(authorityHash ? [authorityHash] : [])],
			stdin: clusterToken,
			timeoutSeconds: 90,
		},
		opts,
	);
}
