import { Command } from "@pulumi/command/local/command.js";
import type * as pulumi from "@pulumi/pulumi";
import { scriptText, shellWord } from "./scripts.ts";

export interface HostKeyArgs {
	node: string;
	address: string;
	/** How long the machine may take to boot, in seconds. */
	bootTimeoutSeconds: number;
	/** The key, where the administrator knows it; else the machine is taken at its word at first contact. */
	known?: string | undefined;
}

/**
 * Waits until the machine answers SSH. The host key that it shows then stays in the state: nothing connects to another
 * one, unless this resource is replaced on purpose.
 */
export function learnHostKey(
	{ node, address, bootTimeoutSeconds, known }: HostKeyArgs,
	opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
	const words = ["bash", "-s", "--", node, address, `${bootTimeoutSeconds}`, ...(known ? [known] : [])];
	const command = new Command(
		`${node}-host-key`,
		{
			create: words.map(shellWord).join(" "),
			stdin: scriptText("host-key.sh"),
			logging: "none",
			addPreviousOutputInEnv: false,
		},
		// A key that was learned is never learned again, whatever becomes of the script.
		{ ...opts, ignoreChanges: ["create", "stdin", "logging"] },
	);
	return command.stdout;
}
