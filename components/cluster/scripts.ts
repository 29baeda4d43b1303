/** The shell scripts of src/rke2/scripts, as text. */
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { renderNodeConstants } from "../../src/rke2/node-constants.ts";

/** The scripts for nodes. Every node gets all of them. */
export const nodeScripts = [
	"unpack.sh",
	"lib.sh",
	"drain.sh",
	"unsupported.sh",
	"taints.sh",
	"let-go.sh",
	"members.sh",
	"save-snapshot.sh",
	"server-token.sh",
	"size.sh",
	"certificates.sh",
	"data-disk.sh",
	"first-boot.sh",
	"preflight-system.sh",
	"preflight-machine.sh",
	"preflight-network.sh",
	"preflight.sh",
	"network-services.sh",
	"prepare.sh",
	"token.sh",
	"registries.sh",
	"apt.sh",
	"address.sh",
	"seed.sh",
	"join.sh",
	"converge.sh",
	"snapshot.sh",
	"snapshot-store.sh",
	"restore.sh",
	"encryption.sh",
	"kubeconfig.sh",
	"ingress.sh",
] as const;

export type NodeScript = (typeof nodeScripts)[number];

/** The scripts that run where Pulumi runs, and come on standard input. */
export type WorkstationScript = "bastion.sh" | "host-key.sh" | "agent-host-key.sh" | "admin-kubeconfig.sh";

/** The scripts that run where Pulumi runs, and ask Proxmox about a VM. They read proxmox.sh beside them. */
export type ProxmoxScript = "power-cycle.sh" | "vm-snapshot.sh";

/** @returns the script as a node gets it: lib.sh begins with what it shares with the program */
export function scriptText(name: NodeScript | WorkstationScript): string {
	const text = unixText(name, readFileSync(new URL(`../../src/rke2/scripts/${name}`, import.meta.url), "utf8"));
	return name === "lib.sh" ? `${renderNodeConstants()}${text}` : text;
}

/**
 * bash takes the CR of a Windows line ending for a part of the last word.
 *
 * @throws pulumi.RunError before anything is sent to a node
 */
export function unixText(name: string, text: string): string {
	if (text.includes("\r")) {
		throw new pulumi.RunError(
			`src/rke2/scripts/${name} has lines that end in CR LF, which no node can run; git has converted them. Run \`git config core.autocrlf false\`, then \`git rm -rq --cached . && git reset --hard\` in a checkout without changes of your own.`,
		);
	}
	return text;
}

/** One argument of a shell's command line. */
export function quoteArgument(text: string): string {
	return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
