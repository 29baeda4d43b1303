import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import type { ProxmoxScript } from "./scripts.ts";

export interface ProxmoxAccess {
	stack: Pick<StackConfig, "nodes" | "proxmox">;
	proxmoxApiToken: pulumi.Output<string>;
}

/**
 * Runs a script here that asks Proxmox about the VM of one node.
 *
 * @param args after those that src/rke2/scripts/proxmox.sh lists
 * @returns the output
 * @throws Error with the script's sentence
 */
export async function askProxmox(
	script: ProxmoxScript,
	action: string,
	node: string,
	{ stack: { nodes, proxmox }, proxmoxApiToken }: ProxmoxAccess,
	args: readonly string[] = [],
): Promise<string> {
	const { host, vmId } = nodes[node]!;
	const api = new URL("/api2/json", proxmox.endpoint).href;
	const path = fileURLToPath(new URL(`../../src/rke2/scripts/${script}`, import.meta.url));
	const child = spawn("bash", [path, action, node, api, host, `${vmId}`, ...args]);
	const output = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
	child.stdin.end(`${await textOf(proxmoxApiToken)}\n`);
	const [result, complaint, [status]] = await output;
	if (status !== 0) {
		throw new Error(complaint.trim());
	}
	return result.trimEnd();
}

/** In the clear, and known: the token is configuration. */
function textOf(output: pulumi.Output<string>): Promise<string> {
	return new Promise((resolve) => {
		output.apply(resolve);
	});
}
