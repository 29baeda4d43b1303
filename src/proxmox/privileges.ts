/**
 * The privileges of the program's API token on Proxmox VE, and the reason for each. The script that grants them, the table in
 * docs/proxmox-privileges.md and the token of the rehearsal derive from this list.
 */
import { dataDatastore } from "../config/derived/storage.ts";
import type { StackConfig } from "../config/schema/stack.ts";

/** A condition of a privilege that only some stacks need. */
export interface Condition {
	/** For people, after "only with". */
	text: string;
	holds(stack: StackConfig): boolean;
}

export interface Requirement {
	/** Last part of the role's name; each requirement is a role of its own. */
	role: string;
	/** For people, with keys of the stack file in angle brackets. */
	path: string;
	paths(stack: StackConfig): string[];
	/** Whether paths below get it too; default true. */
	propagate?: false;
	privileges: { names: string[]; why: string; when?: Condition }[];
}

/** An entry of the access control list. */
export interface Grant {
	path: string;
	role: string;
	/** At least one, in alphabetical order. */
	privileges: string[];
	propagate: boolean;
}

export interface Access {
	/** `user@realm`; it has no password. */
	user: string;
	/** Name of the token, which may do what its user may. */
	token: string;
	grants: Grant[];
}

const startOrder: Condition = { text: "`proxmox.startOrder`", holds: ({ proxmox }) => proxmox.startOrder };
const backup: Condition = { text: "`proxmox.backup`", holds: ({ proxmox }) => proxmox.backup !== undefined };
const snapshots: Condition = {
	text: "`proxmox.snapshotsBeforeChange`",
	holds: ({ proxmox }) => proxmox.snapshotsBeforeChange !== undefined,
};
const highAvailability: Condition = {
	text: "`proxmox.highAvailability`",
	holds: ({ proxmox }) => proxmox.highAvailability,
};
const agentOn = (version: 8 | 9): Condition => ({
	text: `\`ssh.hostKeySource: guest-agent\` on Proxmox VE ${version}`,
	holds: ({ ssh, proxmox }) => ssh.hostKeySource === "guest-agent" && proxmox.version === version,
});
const either = (one: Condition, other: Condition): Condition => ({
	text: `${one.text} or ${other.text}`,
	holds: (stack) => one.holds(stack) || other.holds(stack),
});

const mappings = ({ gpus }: StackConfig, made: boolean): string[] =>
	Object.entries(gpus)
		.filter(([, { device }]) => (device !== undefined) === made)
		.map(([name]) => `/mapping/pci/${name}`);

/**
 * Some call of the program needs each privilege; a test shows that removing any of them breaks a stack.
 *
 * An entry on a deeper path replaces inherited privileges, so every entry is complete.
 * https://pve.proxmox.com/pve-docs/chapter-pveum.html#pveum_permission_management
 */
export const requirements: Requirement[] = [
	{
		role: "machines",
		path: "/vms",
		paths: () => ["/vms"],
		privileges: [
			{ names: ["VM.Allocate"], why: "create and destroy the VMs" },
			{ names: ["VM.Audit"], why: "read their configuration, state and firewall" },
			{ names: ["VM.PowerMgmt"], why: "start and stop them" },
			{ names: ["VM.Config.CPU", "VM.Config.Memory"], why: "size them" },
			{ names: ["VM.Config.HWType"], why: "machine type, serial console, passed-through GPUs" },
			{
				names: ["VM.Config.Options"],
				why: "name, description, tags, start on boot, protection, guest agent",
			},
			{ names: ["VM.Config.Disk"], why: "boot order, growing disks, data disks" },
			{
				names: ["VM.Config.Network"],
				why: "network interface and its firewall; address, user and keys of a new VM for cloud-init",
			},
			{
				names: ["VM.Snapshot"],
				why: "take a snapshot before a change, and delete the oldest; it also allows deleting each snapshot, and rolling back to it",
				when: snapshots,
			},
			{ names: ["VM.GuestAgent.FileRead"], why: "read their SSH host keys", when: agentOn(9) },
			{
				names: ["VM.Monitor"],
				why: "read their SSH host keys; it also allows every other function of the guest agent",
				when: agentOn(8),
			},
		],
	},
	{
		role: "disks",
		path: "/storage/<proxmox.vmDatastore>, /storage/<proxmox.dataDatastore>",
		paths: (stack) => [...new Set([stack.proxmox.vmDatastore, dataDatastore(stack)])].map((id) => `/storage/${id}`),
		privileges: [
			{ names: ["Datastore.AllocateSpace"], why: "allocate and grow the disks" },
			{ names: ["Datastore.Audit"], why: "read their format" },
		],
	},
	{
		role: "images",
		path: "/storage/<proxmox.imageDatastore>",
		paths: ({ proxmox }) => [`/storage/${proxmox.imageDatastore}`],
		privileges: [
			{ names: ["Datastore.AllocateTemplate"], why: "download the image" },
			{ names: ["Datastore.Audit"], why: "see whether the image is there" },
			{ names: ["Datastore.Allocate"], why: "delete the image on destroy" },
		],
	},
	{
		role: "downloads",
		path: "/nodes",
		paths: () => ["/nodes"],
		privileges: [{ names: ["Sys.AccessNetwork"], why: "let a host download the image" }],
	},
	{
		role: "network",
		path: "/sdn/zones/localnetwork/<network.bridge>/<network.vlan>",
		// Without a tag Proxmox requires the privilege on the bridge itself.
		paths: ({ network: { bridge, vlan } }) => [
			["/sdn/zones/localnetwork", bridge, vlan].filter((part) => part !== undefined).join("/"),
		],
		privileges: [
			{ names: ["SDN.Use"], why: "attach a network interface to that VLAN, or to the bridge without a VLAN" },
		],
	},
	{
		role: "cards",
		path: "/mapping/pci/<name of a GPU>",
		paths: (stack) => mappings(stack, false),
		privileges: [{ names: ["Mapping.Use"], why: "pass a GPU through whose mapping was made by hand" }],
	},
	{
		role: "own-cards",
		path: "/mapping/pci/<name of a GPU>",
		paths: (stack) => mappings(stack, true),
		privileges: [
			{
				names: ["Mapping.Use", "Mapping.Modify"],
				why: "pass a GPU through whose mapping the program creates (`gpus.<name>.device`), and change the mapping",
			},
		],
	},
	{
		role: "mappings",
		path: "/mapping/pci",
		paths: (stack) => (mappings(stack, true).length > 0 ? ["/mapping/pci"] : []),
		propagate: false,
		privileges: [
			{
				names: ["Mapping.Modify"],
				why: "create and delete such a mapping; Proxmox has no narrower privilege, and this one also allows deleting other mappings",
			},
		],
	},
	{
		role: "pool",
		// Not the path of the pool itself: its entries are deleted with the pool, and then the program could not create it again.
		path: "/pool",
		paths: ({ proxmox }) => (proxmox.pool === undefined ? [] : ["/pool"]),
		privileges: [
			{ names: ["Pool.Allocate"], why: "create the pool (`proxmox.pool`) and delete it, put VMs into it" },
			{ names: ["Pool.Audit"], why: "read its members" },
		],
	},
	{
		role: "backups",
		path: "/storage/<proxmox.backup.storage>",
		paths: ({ proxmox }) => (proxmox.backup ? [`/storage/${proxmox.backup.storage}`] : []),
		privileges: [{ names: ["Datastore.Allocate"], why: "choose which backups are pruned" }],
	},
	{
		role: "datacenter",
		path: "/",
		paths: () => ["/"],
		propagate: false,
		privileges: [
			{
				names: ["Sys.Modify"],
				why: "Proxmox requires it for a start order and for backup jobs",
				when: either(startOrder, backup),
			},
			{
				names: ["Sys.Audit"],
				why: "read the backup job and the resources of high availability",
				when: either(backup, highAvailability),
			},
			{
				names: ["Sys.Console"],
				why: "Proxmox requires it to change resources of high availability",
				when: highAvailability,
			},
		],
	},
];

/** Exactly the privileges that this stack needs. */
export function proxmoxAccess(stack: StackConfig): Access {
	const { name } = stack.cluster;
	const grants = requirements.flatMap(({ role, paths, propagate = true, privileges }) => {
		const needed = privileges.filter(({ when }) => when?.holds(stack) ?? true).flatMap(({ names }) => names);
		return needed.length === 0
			? []
			: paths(stack).map((path) => ({
					path,
					role: `rke2-${name}-${role}`,
					privileges: needed.toSorted(),
					propagate,
				}));
	});
	return { user: userOf(name), token: tokenName, grants };
}

/** Id of a cluster's token in `proxmoxApiToken`: `user@realm!name`. */
export function tokenId(cluster: string): string {
	return `${userOf(cluster)}!${tokenName}`;
}

const tokenName = "pulumi";

/** The name has the cluster in it: two stacks on one Proxmox cluster share neither a user nor a role. */
function userOf(cluster: string): string {
	return `rke2-${cluster}@pve`;
}
