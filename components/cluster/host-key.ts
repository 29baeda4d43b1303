import { Command } from "@pulumi/command/local/command.js";
import * as pulumi from "@pulumi/pulumi";
import { hostKeyName } from "../../src/facts/resource-names.ts";
import { scriptText, shellWord } from "./scripts.ts";

export interface HostKeyArgs {
	node: string;
	address: string;
	/** How long the machine may take to boot, in seconds. */
	bootTimeoutSeconds: number;
	/** Who says which key the machine has. */
	source: HostKeySource;
}

export type HostKeySource =
	/** Whoever answers at its address; or a key that the administrator knows, which has to be shown. */
	| { known?: string | undefined }
	/** Proxmox, which reads the key in the machine. */
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
 * Waits until the machine answers SSH. The host key that it shows then stays in the state: nothing connects to another
 * one, unless this resource is replaced on purpose.
 */
export function learnHostKey(
	{ node, address, bootTimeoutSeconds, source }: HostKeyArgs,
	opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
	const { words, stdin } = "agent" in source ? askProxmox(source.agent) : askMachine(source.known);
	const command = new Command(
		hostKeyName(node),
		{
			create: ["bash", "-s", "--", node, address, `${bootTimeoutSeconds}`, ...words].map(shellWord).join(" "),
			stdin,
			logging: "none",
			addPreviousOutputInEnv: false,
		},
		// A key that was learned is never learned again, whatever becomes of the script and of the source.
		{ ...opts, ignoreChanges: ["create", "stdin", "logging"] },
	);
	return command.stdout;
}

interface Question {
	/** Further words of the command line. */
	words: string[];
	stdin: pulumi.Input<string>;
}

function askMachine(known: string | undefined): Question {
	return { words: known ? [known] : [], stdin: scriptText("host-key.sh") };
}

/** https://pve.proxmox.com/pve-docs/api-viewer/#/nodes/{node}/qemu/{vmid}/agent/file-read */
function askProxmox({ endpoint, host, vmId, apiToken }: GuestAgent): Question {
	const url = new URL(`/api2/json/nodes/${host}/qemu/${vmId}/agent/file-read`, endpoint);
	url.searchParams.set("file", "/etc/ssh/ssh_host_ed25519_key.pub");
	return {
		words: [url.href],
		stdin: pulumi.secret(pulumi.interpolate`${scriptText("agent-host-key.sh")}${apiToken}\n`),
	};
}
