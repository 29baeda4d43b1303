/** What a datacenter is made of, as the rehearsal describes it to the Proxmox API double. Sizes as Proxmox shows them. */

/** Major version of Proxmox VE. */
export type ProxmoxVersion = 8 | 9;

export interface StorageDescription {
	/** Storage id, e.g. `local`. Storages of one name on several hosts are separate: none is shared. */
	name: string;
	/** `dir` keeps files, `lvmthin` keeps volumes and may be overcommitted. */
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
	iommuGroup: number;
}

export interface HostDescription {
	name: string;
	cpus: number;
	memoryMiB: number;
	/** Its own search domain, which its guests get where they have none. The installer asks for one. */
	searchDomain: string;
	/** Linux bridges, e.g. `vmbr0`. A VM on a bridge that its host does not have cannot start. */
	bridges: string[];
	storages: StorageDescription[];
	pciDevices: PciDevice[];
}

/** A line of the access control list, with the role written out as the privileges it stands for. */
export interface AclEntry {
	/** `/`, `/vms`, `/storage/local`, `/sdn/zones/localnetwork/vmbr1` ... */
	path: string;
	privileges: string[];
	/** Whether paths below get it too. Default true, as in Proxmox. */
	propagate?: boolean;
}

export interface TokenDescription {
	/** `user@realm!name`. */
	id: string;
	/** The UUID behind the second `=` of an API token. */
	secret: string;
	/** What the user may do. Ignored for `root@pam`, who may do everything. */
	userAcl: AclEntry[];
	/** Present means privilege separation: the token may do only what this list *and* the user's list allow. */
	tokenAcl?: AclEntry[];
}

export type ChecksumAlgorithm = "md5" | "sha1" | "sha224" | "sha256" | "sha384" | "sha512";

/** A file that the hosts can download: the internet, as far as the datacenter can see it. */
export interface CatalogueEntry {
	url: string;
	sizeBytes: number;
	/** Size of the disk inside a disk image; default the size of the file. */
	virtualSizeBytes?: number;
	checksums: Partial<Record<ChecksumAlgorithm, string>>;
}

/** A PCI resource mapping, made by hand before the program runs. */
export interface PciMappingDescription {
	id: string;
	description?: string;
	/** One per host and device, as the API takes them: `id=10de:24b0,node=node04,path=0000:0b:00.0,iommugroup=21`. */
	map: string[];
}
