import type { Command } from "@pulumi/command/remote/command.js";
import type * as pulumi from "@pulumi/pulumi";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import type { ClusterNode } from "./node.ts";
import { remoteScript } from "./remote-script.ts";

export interface ConvergeArgs {
	/** RKE2 release, already prepared on the node. */
	version: string;
	/** Stands for the agent token, which is not in the bundle. */
	agentTokenRevision: pulumi.Output<string>;
}

/**
 * Brings a member to the wanted version and configuration: snapshot, drain, write, restart, gate, uncordon. A node that
 * is there already, as after its join, is left alone. Always an update, never a replacement: only then does the
 * dependency on the node before make it wait for its turn.
 */
export function convergeNode(
	{ nodeName, role, connection, bundle, size, drain, registriesRevision }: ClusterNode,
	{ version, agentTokenRevision }: ConvergeArgs,
	opts: pulumi.CustomResourceOptions,
): Command {
	const words = [
		nodeName,
		role,
		version,
		`${size.cpus}`,
		`${size.memoryGiB}`,
		`${size.diskGiB}`,
		`${drain.timeoutSeconds}`,
		`${drain.gracePeriodSeconds}`,
		agentTokenRevision,
		...(registriesRevision ? [registriesRevision] : []),
	];
	return remoteScript(
		nodeStepName(nodeName, "converge"),
		{ connection, script: "converge.sh", arguments: words, stdin: bundle, timeoutSeconds: 3600 },
		opts,
	);
}
