/** Hosts to which the program connects. */
import { isAddress } from "../formats/addresses.ts";
import type { StackConfig } from "../schema/stack.ts";

/** The host at which clients reach the Kubernetes API and nodes register: its address, or its name in mode `dns`. */
export function apiHost({ api }: StackConfig["cluster"]): string {
	return api.address ?? api.hostname;
}

/** @returns name or address at which the workstation, or the bastion, reaches SSH on a node, with the port when it is not 22 */
export function sshHost({ nodes, ssh }: Pick<StackConfig, "nodes" | "ssh">, node: string): string {
	return Object.hasOwn(ssh.addresses, node) ? ssh.addresses[node]! : nodes[node]!.address;
}

/** The addresses, as networks, of the machines under the cluster, which no pod has to call, by the word for them in `including`. */
export function machineNetworks(
	stack: Pick<StackConfig, "cluster" | "nodes" | "proxmox">,
): Record<"nodes" | "proxmox", string[]> {
	const { address } = stack.cluster.api;
	const nodes = [...Object.values(stack.nodes).map((node) => node.address), ...(address ? [address] : [])];
	const host = proxmoxHost(stack);
	return {
		nodes: [...new Set(nodes)].map((node) => `${node}/32`),
		proxmox: isAddress(host) ? [`${host}/32`] : [],
	};
}

/** Name or address of the host in `proxmox.endpoint`. */
export function proxmoxHost({ proxmox }: Pick<StackConfig, "proxmox">): string {
	return new URL(proxmox.endpoint).hostname;
}
