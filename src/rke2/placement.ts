/** Where the VM of each node is, and which nodes have to leave the cluster when that changes. */
import type { StackConfig } from "../config/schema/stack.ts";
import type { Rke2Role } from "./keys.ts";
import { rke2Role } from "./role.ts";

export interface PlacedNode {
	role: Rke2Role;
	/** With another id the VM is made anew. */
	vmId: number;
	/** With another host the VM is made anew. It is absent where Proxmox moves the VM as it is. */
	host?: string;
	address: string;
	/** Whether Proxmox and Pulumi refuse to destroy the VM. */
	protected: boolean;
	/** Whether the node has the drain limits of nodes with a GPU. */
	gpu: boolean;
}

/** By node name. */
export type Placement = Readonly<Record<string, PlacedNode>>;

export function placementOf({ nodes, proxmox }: Pick<StackConfig, "nodes" | "proxmox">): Placement {
	return Object.fromEntries(
		Object.entries(nodes).map(([name, node]) => {
			const { host, vmId, address, gpu } = node;
			const movable = proxmox.highAvailability && gpu === undefined;
			return [
				name,
				{
					role: rke2Role(node),
					vmId,
					...(movable ? {} : { host }),
					address,
					protected: proxmox.protectControlPlanes && node.role === "control-plane",
					gpu: gpu !== undefined,
				},
			];
		}),
	);
}

/** Names of the nodes whose VM is deleted, those first that the stack file no longer has. */
export function leavingNodes(before: Placement, after: Placement): string[] {
	return [...removedNodes(before, after), ...remadeNodes(before, after)];
}

/**
 * etcd can spare one server at a time. Servers that leave for good are no longer counted by etcd, so that a pair of them may leave;
 * a server that is made anew has to be a member again before the next one. A restore begins with one member, so that beside it all
 * others may leave.
 *
 * @param restoring whether the same `up` restores etcd
 * @returns a sentence for each mistake
 */
export function refusedMoves(before: Placement, after: Placement, restoring: boolean): string[] {
	return [...protectedMoves(before, after), ...(restoring ? [] : tooManyMoves(before, after))];
}

/**
 * The snapshot is on the disk of one control plane.
 *
 * @param server the control plane that `cluster.restore` names
 * @returns a sentence if its VM would be deleted
 */
export function lossOfSnapshot(before: Placement, after: Placement, server: string): string[] {
	return leavingNodes(before, after).includes(server)
		? [
				`nodes.${server}: its VM would be deleted, and cluster.restore.server is this node, which has the snapshot; nothing was touched; set the node back, or name another control plane that has the snapshot`,
			]
		: [];
}

/** Proxmox would refuse to destroy the VM, but only after the node has left the cluster. */
function protectedMoves(before: Placement, after: Placement): string[] {
	return leavingNodes(before, after)
		.filter((name) => before[name]!.protected)
		.map(
			(name) =>
				`nodes.${name}: its VM would be deleted, and proxmox.protectControlPlanes protects it; nothing was touched; set the node back and proxmox.protectControlPlanes: false, run \`up\`, then change the node`,
		);
}

function tooManyMoves(before: Placement, after: Placement): string[] {
	const isServer = (name: string) => before[name]!.role === "server";
	const remade = remadeNodes(before, after).filter(isServer);
	const removed = removedNodes(before, after).filter(isServer);
	if (remade.length === 0 || remade.length + removed.length === 1) {
		return [];
	}
	const keys = remade.map((name) => `nodes.${name} (${changedKeys(before[name]!, after[name]!).join(", ")})`);
	const leaving = removed.length > 0 ? ` while ${removed.join(", ")} leaves` : "";
	return [
		`${keys.join(", ")}: the VMs of ${remade.length + removed.length} control planes cannot be deleted in one \`up\`${leaving}, because etcd can spare one at a time; nothing was touched; set all but one back, run \`up\`, then change the next one`,
	];
}

function removedNodes(before: Placement, after: Placement): string[] {
	return Object.keys(before).filter((name) => after[name] === undefined);
}

function remadeNodes(before: Placement, after: Placement): string[] {
	return Object.keys(before).filter((name) => {
		const wanted = after[name];
		return wanted !== undefined && changedKeys(before[name]!, wanted).length > 0;
	});
}

/** Keys whose change makes the VM anew. A host counts only when both have one: the other VM was moved by Proxmox until now. */
function changedKeys(before: PlacedNode, after: PlacedNode): string[] {
	return [
		...(before.vmId === after.vmId ? [] : ["vmId"]),
		...(before.host === undefined || after.host === undefined || before.host === after.host ? [] : ["host"]),
	];
}
