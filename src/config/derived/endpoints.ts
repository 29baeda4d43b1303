/** Hosts of the two APIs that the program calls. */
import type { StackConfig } from "../schema/stack.ts";

/** The host at which clients reach the Kubernetes API and nodes register: its address, or its name in mode `dns`. */
export function apiHost({ api }: StackConfig["cluster"]): string {
	return api.address ?? api.hostname;
}

/** Name or address of the host in `proxmox.endpoint`. */
export function proxmoxHost({ proxmox }: Pick<StackConfig, "proxmox">): string {
	return new URL(proxmox.endpoint).hostname;
}
