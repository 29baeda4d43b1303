/** Descriptions of a datacenter for the Proxmox double. Sizes have the units that Proxmox displays. */

/** Major version of Proxmox VE. */
export type ProxmoxVersion = 8 | 9;

export interface StorageDescription {
	/** Storage id, for example `local`. Storages with the same name on several hosts are separate; no storage is shared. */
	name: string;
	/** `dir` stores files. `lvmthin` stores volumes, and their sizes together may exceed its size. */
	type: "dir" | "lvmthin";
	content: ("images" | "import" | "iso" | "rootdir" | "snippets" | "vztmpl" | "backup")[];
	sizeGiB: number;
}

export interface PciDevice {
	/** With domain and function: `0000:0b:00.0`. */
	path: string;
	/** `vendor:device` in hexadecimal: `10de:24b0`. */
	id: string;
	/** `vendor:device` of the board. */
	subsystemId?: string;
	/** -1 while the host has no IOMMU. */
	iommuGroup: number;
	/** Default: the names are not in the host's list of devices. */
	deviceName?: string;
	/** PCI class; default `0x030000`, a graphics card. */
	class?: string;
}

export interface HostDescription {
	name: string;
	cpus: number;
	memoryMiB: number;
	/** Search domain of the host, which guests without one get. The installer of Proxmox asks for it. */
	searchDomain: string;
	/** Linux bridges, e.g. `vmbr0`. A VM on a bridge that its host does not have cannot start. */
	bridges: string[];
	/** The host's own address on a bridge, which its installer asks for. Default: the bridges have none. */
	address?: { bridge: string; cidr: string; gateway?: string };
	storages: StorageDescription[];
	pciDevices: PciDevice[];
	/** Whether the other hosts cannot reach it. Default false. */
	offline?: boolean;
}

/** An entry of the access control list, with privileges instead of a role. */
export interface AclEntry {
	/** `/`, `/vms`, `/storage/local`, `/sdn/zones/localnetwork/vmbr1` ... */
	path: string;
	privileges: string[];
	/** Whether the entry also applies to paths below. Default true, as in Proxmox. */
	propagate?: boolean;
}

export interface TokenDescription {
	/** `user@realm!name`. */
	id: string;
	/** The UUID behind the second `=` of an API token. */
	secret: string;
	/** Privileges of the user. Ignored for `root@pam`, which has all privileges. */
	userAcl: AclEntry[];
	/** With this list the token has privilege separation: both this list and the user's list have to allow an action. */
	tokenAcl?: AclEntry[];
}

export type ChecksumAlgorithm = "md5" | "sha1" | "sha224" | "sha256" | "sha384" | "sha512";

/** A file that the hosts can download. These files are the whole internet of the datacenter. */
export interface CatalogueEntry {
	url: string;
	sizeBytes: number;
	/** Size of the disk in a disk image. Default: the size of the file. */
	virtualSizeBytes?: number;
	checksums: Partial<Record<ChecksumAlgorithm, string>>;
}

/** A PCI resource mapping that was made by hand before the program runs. */
export interface PciMappingDescription {
	id: string;
	description?: string;
	/** One entry for each host and device, in the form of the API: `id=10de:24b0,node=node04,path=0000:0b:00.0,iommugroup=21`. */
	map: string[];
}
