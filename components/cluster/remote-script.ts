import { Command } from "@pulumi/command/remote/command.js";
import * as pulumi from "@pulumi/pulumi";
import { paths } from "../../src/rke2/paths.ts";
import type { NodeConnection } from "./node-access.ts";
import { type NodeScript, shellWord } from "./scripts.ts";

export interface RemoteCommandArgs {
	connection: NodeConnection;
	/** Runs as root, at the creation and at every change of it or of `stdin`: it has to be idempotent. */
	command: pulumi.Input<string>;
	/** After so many seconds the command is stopped: the provider itself waits for ever. */
	timeoutSeconds: number;
	stdin?: pulumi.Input<string>;
	/** Whether the output is secret: then it is neither logged nor readable in the state. */
	secretOutput?: boolean;
}

/**
 * The only way in which the program runs something on a node. Secrets go through `stdin`: the provider prints the command
 * line when a command fails. There is no `delete`, which `triggers` would run after a replacement's `create`, and there
 * are no `triggers`.
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
			// The scripts tell their progress on standard error; standard output is for results.
			logging: secretOutput ? "none" : "stderr",
			// Else the last output, which may be a kubeconfig, would be sent to the node as its environment.
			addPreviousOutputInEnv: false,
		},
		{
			...opts,
			customTimeouts: { create: timeout, update: timeout },
			additionalSecretOutputs: [...additionalSecretOutputs, ...(secretOutput ? ["stdout", "stderr"] : [])],
			hooks: { ...hooks, onError: [connection.whenRefused] },
			// Another host key, user or SSH key would run everything on the node again: `npm run reach` records it (ADR 33).
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
	{ script, arguments: words, ...args }: RemoteScriptArgs,
	opts: pulumi.CustomResourceOptions,
): Command {
	const command = pulumi.all(words).apply((known) => [`${paths.toolkit}/${script}`, ...known.map(shellWord)].join(" "));
	return remoteCommand(name, { ...args, command }, opts);
}
