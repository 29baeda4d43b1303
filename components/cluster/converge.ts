import type { Command } from "@pulumi/command/remote/command.js";
import type * as pulumi from "@pulumi/pulumi";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import { sizeArguments } from "../../src/rke2/machine-size.ts";
import { releaseArguments } from "../../src/rke2/release-argument.ts";
import type { ClusterNode } from "./node.ts";
import { remoteScript } from "./remote-script.ts";

export interface ConvergeArgs {
	/** RKE2 release, already prepared on the node. */
	version: string;
	/** Changes with the agent token, which is not in the bundle. */
	agentTokenRevision: pulumi.Output<string>;
}

/**
 * Brings a member to the wanted version and configuration: snapshot, drain, write, restart, gate, uncordon. The script does
 * nothing on a node that already has them, as after its join. No change of configuration replaces the command; only a VM that is
 * made anew does.
 */
export function convergeNode(
	{ nodeName, role, connection, bundle, size, drain, registriesRevision, storeRequired }: ClusterNode,
	{ version, agentTokenRevision }: ConvergeArgs,
	opts: pulumi.CustomResourceOptions,
): Command {
	const args = [
		...releaseArguments(nodeName, role, version),
		...sizeArguments(size),
		`${drain.timeoutSeconds}`,
		`${drain.gracePeriodSeconds}`,
		agentTokenRevision,
		...(registriesRevision || storeRequired ? [registriesRevision ?? ""] : []),
		...(storeRequired ? ["required"] : []),
	];
	return remoteScript(
		nodeStepName(nodeName, "converge"),
		{ connection, script: "converge.sh", arguments: args, stdin: bundle, timeoutSeconds: 3600 },
		opts,
	);
}
