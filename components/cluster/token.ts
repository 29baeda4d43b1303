import type { Command } from "@pulumi/command/remote/command.js";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterNode } from "./node.ts";
import { remoteScript } from "./remote-script.ts";

export interface Tokens {
	/** By it a node registers as a server, and gets the cluster's keys. */
	server: pulumi.Output<string>;
	/** By it a node registers as a worker. */
	agent: pulumi.Output<string>;
}

export interface TokenArgs {
	tokens: Tokens;
	/** Hash of the cluster's certificate authority; none before the cluster exists. */
	authorityHash?: pulumi.Output<string>;
	/** Whether another server has got the tokens before, and has rotated the server token if it is another one. */
	rotated?: boolean;
}

/**
 * Writes the tokens of the node's role to the files that config.yaml names, so that config.yaml itself holds no secret. A
 * worker gets only the agent token.
 */
export function writeTokens(
	name: string,
	{ nodeName, role, connection, storeRequired }: ClusterNode,
	{ tokens, authorityHash, rotated = false }: TokenArgs,
	opts: pulumi.CustomResourceOptions,
): Command {
	// Without an authority there is no cluster yet, and nothing to rotate.
	const ofCluster = authorityHash ? [authorityHash, ...rotationArguments(rotated, storeRequired)] : [];
	return remoteScript(
		name,
		{
			connection,
			script: "token.sh",
			arguments: [nodeName, role, ...ofCluster],
			stdin: role === "server" ? pulumi.secret(pulumi.interpolate`${tokens.agent}\n${tokens.server}`) : tokens.agent,
			timeoutSeconds: 180,
		},
		opts,
	);
}

function rotationArguments(rotated: boolean, storeRequired: boolean): string[] {
	if (storeRequired) {
		return [rotated ? "rotated" : "", "required"];
	}
	return rotated ? ["rotated"] : [];
}
