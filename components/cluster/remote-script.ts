import { Command } from "@pulumi/command/remote/command.js";
import * as pulumi from "@pulumi/pulumi";
import { paths } from "../../src/rke2/paths.ts";
import type { NodeConnection } from "./node-access.ts";
import { type NodeScript, quoteArgument } from "./scripts.ts";

export interface RemoteCommandArgs {
	connection: NodeConnection;
	/** Runs as root when the resource is created and whenever it or `stdin` changes: it has to be idempotent. */
	command: pulumi.Input<string>;
	/** The command is stopped after these seconds: the provider itself has no timeout. */
	timeoutSeconds: number;
	stdin?: pulumi.Input<string>;
	/** Whether the output is secret: then it is not logged, and encrypted in the state. */
	secretOutput?: boolean;
}

/**
 * Every command on a node goes through here. Secrets have to go through `stdin`: the provider prints the command line when a
 * command fails. There are no `triggers`, which would run a `delete` after the `create` of a replacement.
 */
export function remoteCommand(
	name: string,
	{ connection, command, timeoutSeconds, stdin, secretOutput = false }: RemoteCommandArgs,
	{ ignoreChanges = [], additionalSecretOutputs = [], hooks, ...opts }: pulumi.CustomResourceOptions,
): Command {
	const timeout = `${timeoutSeconds + 60}s`;
	return new Command(
		name,
		{
			connection: connection.ssh,
			create: pulumi.output(command).apply((line) => `sudo -n timeout --kill-after=10 ${timeoutSeconds} ${line}`),
			...(stdin === undefined ? {} : { stdin }),
			// The scripts print their progress on standard error; standard output is for results.
			logging: secretOutput ? "none" : "stderr",
			// Otherwise the provider sends the last output, which may be a kubeconfig, to the node as an environment variable.
			addPreviousOutputInEnv: false,
		},
		{
			...opts,
			customTimeouts: { create: timeout, update: timeout },
			additionalSecretOutputs: [...additionalSecretOutputs, ...(secretOutput ? ["stdout", "stderr"] : [])],
			hooks: { ...hooks, onError: [connection.whenRefused] },
			// A change of address, host key, user or SSH key would run every command again: `npm run reach` records it (ADR 33).
			ignoreChanges: [...ignoreChanges, "connection"],
		},
	);
}

export interface RemoteScriptArgs extends Omit<RemoteCommandArgs, "command"> {
	script: NodeScript;
	arguments: pulumi.Input<string>[];
}

/** Runs a script of the toolkit on a node. */
export function remoteScript(
	name: string,
	{ script, arguments: scriptArgs, ...args }: RemoteScriptArgs,
	opts: pulumi.CustomResourceOptions,
): Command {
	const command = pulumi
		.all(scriptArgs)
		.apply((known) => [`${paths.toolkit}/${script}`, ...known.map(quoteArgument)].join(" "));
	return remoteCommand(name, { ...args, command }, opts);
}
