import { Command } from "@pulumi/command/local/command.js";
import * as pulumi from "@pulumi/pulumi";
import { hostKeyName } from "../../src/facts/resource-names.ts";
import type { Login } from "../../src/ssh/connection.ts";
import { throughBastion } from "./bastion.ts";
import { quoteArgument, scriptText } from "./scripts.ts";

export interface HostKeyArgs {
	node: string;
	/** Name or address, with its port when it is not 22. */
	address: string;
	/** Seconds that the machine may take to boot. */
	bootTimeoutSeconds: number;
	/** Where the key of the machine is read. */
	source: HostKeySource;
	/** None where the workstation reaches the nodes itself. */
	bastion: Login<pulumi.Input<string>> | undefined;
}

export type HostKeySource =
	/** At its address by SSH. The machine there has to have the key that the administrator has given, if any. */
	| { known?: string | undefined }
	/** From Proxmox, whose guest agent reads the key in the VM. */
	| { agent: GuestAgent };

export interface GuestAgent {
	/** Proxmox VE API. */
	endpoint: string;
	/** Proxmox host of the machine. */
	host: string;
	vmId: number;
	/** `user@realm!name=uuid` */
	apiToken: pulumi.Output<string>;
}

/**
 * Waits until the machine answers SSH. The state records the host key that it has then, and the program connects to no other
 * key, unless the administrator replaces this resource.
 */
export function learnHostKey(
	{ node, address, bootTimeoutSeconds, source, bastion }: HostKeyArgs,
	opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
	const { args, stdin } = "agent" in source ? askProxmox(source.agent) : askMachine(source.known);
	const command = new Command(
		hostKeyName(node),
		{
			create: ["bash", "-s", "--", node, address, `${bootTimeoutSeconds}`, ...args].map(quoteArgument).join(" "),
			stdin: throughBastion(stdin, bastion),
			logging: "none",
			addPreviousOutputInEnv: false,
		},
		// The program learns a key once: a change of the script or of the source does not repeat it.
		{ ...opts, ignoreChanges: ["create", "stdin", "logging"] },
	);
	return command.stdout;
}

interface Question {
	/** Further arguments of the script. */
	args: string[];
	stdin: pulumi.Input<string>;
}

function askMachine(known: string | undefined): Question {
	return { args: known ? [known] : [], stdin: scriptText("host-key.sh") };
}

/** https://pve.proxmox.com/pve-docs/api-viewer/#/nodes/{node}/qemu/{vmid}/agent/file-read */
function askProxmox({ endpoint, host, vmId, apiToken }: GuestAgent): Question {
	const url = new URL(`/api2/json/nodes/${host}/qemu/${vmId}/agent/file-read`, endpoint);
	url.searchParams.set("file", "/etc/ssh/ssh_host_ed25519_key.pub");
	return {
		args: [url.href],
		stdin: pulumi.secret(pulumi.interpolate`${scriptText("agent-host-key.sh")}${apiToken}\n`),
	};
}
