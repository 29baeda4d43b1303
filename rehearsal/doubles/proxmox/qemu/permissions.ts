import type { Access } from "../auth/access.ts";
import { parseProperties } from "../properties.ts";
import { die, invalidParameters } from "../server/errors.ts";
import { requireVolumeAccess } from "../storage/routes.ts";
import { parseVolumeId, type Volumes } from "../storage/volumes.ts";
import { isCdrom, isCloudInit, parseDrive, storageOfNewDisk } from "./drives.ts";
import { parseNic } from "./network.ts";
import { isDrive, privilegeFor } from "./options.ts";
import type { Configuration } from "./vm.ts";

/** A VM, and the caller who changes its configuration. */
export interface Subject {
	access: Access;
	vmId: number;
	host: string;
	/** Pool that the VM is created in. Privileges on the pool count as privileges on the VM. */
	pool?: string;
}

export function requireOnVm(subject: Subject, privileges: string[], any = false): void {
	const { access, vmId, pool } = subject;
	const paths = pool === undefined ? [] : [`/pool/${pool}`];
	const suffices = (path: string): boolean =>
		any
			? privileges.some((privilege) => access.has(path, privilege))
			: privileges.every((privilege) => access.has(path, privilege));
	if (paths.some(suffices)) {
		return;
	}
	if (any) {
		access.requireAny(`/vms/${vmId}`, ...privileges);
	} else {
		access.require(`/vms/${vmId}`, ...privileges);
	}
}

/** Requires the privileges that Proxmox requires to create a VM with these options, or to change them. */
export function requireOptions(subject: Subject, options: Configuration, volumes: Volumes): void {
	for (const [option, value] of Object.entries(options)) {
		if (isDrive(option)) {
			requireDriveStorage(subject, option, value, volumes);
		} else {
			requireOption(subject, option, value);
		}
	}
}

/** Requires the privilege to set or remove an option that is not a drive. Without a value an unset option is removed. */
export function requireOption(subject: Subject, option: string, value: string | undefined): void {
	const { access } = subject;
	if (value === undefined && /^(hostpci|serial|usb|unused)\d+$/.test(option)) {
		return;
	}
	if (option === "tags" || /^unused\d+$/.test(option)) {
		requireOnVm(subject, [option === "tags" ? "VM.Config.Options" : "VM.Config.Disk"]);
	} else if (/^hostpci\d+$/.test(option)) {
		requireMappedDevice(subject, option, value ?? "");
	} else if (/^serial\d+$/.test(option)) {
		if (value !== "socket") {
			die(`only root can set '${option}' config for real devices`);
		}
		requireOnVm(subject, ["VM.Config.HWType"]);
	} else {
		const privilege = privilegeFor(option) ?? die(`only root can set '${option}' config`);
		if (privilege === "VM.Config.Cloudinit") {
			requireOnVm(subject, [privilege, "VM.Config.Network"], true);
		} else {
			requireOnVm(subject, [privilege]);
		}
		// The start order concerns the host.
		if (option === "startup") {
			access.require("/", "Sys.Modify");
		}
		if (/^net\d+$/.test(option) && value !== undefined) {
			requireBridge(access, value);
		}
	}
}

/** Requires the privileges on the VM for an update of a drive. Creating a VM needs only those on the storage. */
export function requireDrive(subject: Subject, value: string): void {
	const drive = parseDrive(value);
	if (isCloudInit(drive)) {
		requireOnVm(subject, ["VM.Config.Cloudinit", "VM.Config.CDROM"]);
	} else {
		requireOnVm(subject, [isCdrom(drive) ? "VM.Config.CDROM" : "VM.Config.Disk"]);
	}
}

function requireDriveStorage(subject: Subject, option: string, value: string, volumes: Volumes): void {
	const { access, host, vmId } = subject;
	const drive = parseDrive(value);
	const storage = storageOfNewDisk(drive);
	if (drive.file === "none" || isCloudInit(drive)) {
		// Nothing to check.
	} else if (drive.file === "cdrom") {
		access.require("/", "Sys.Console");
	} else if (storage !== undefined) {
		access.require(`/storage/${storage}`, "Datastore.AllocateSpace");
		if (!volumes.storage(host, storage).content.includes("images")) {
			invalidParameters({ storage: `storage '${storage}' does not support vm images` });
		}
	} else if (!drive.file.includes(":")) {
		die("Only root can pass arbitrary filesystem paths.");
	} else {
		requireVolumeAccess(access, parseVolumeId(drive.file), vmId);
	}

	const source = drive["import-from"];
	if (source === undefined) {
		return;
	}
	if (!source.includes(":")) {
		die("Only root can pass arbitrary filesystem paths.");
	}
	const image = parseVolumeId(source);
	if (image.content !== "images" && image.content !== "import") {
		invalidParameters({ [option]: `${source} has wrong type '${image.content}' - needs to be 'images' or 'import'` });
	}
	if (image.vmId === undefined) {
		requireVolumeAccess(access, image, vmId);
	} else {
		access.require(`/vms/${image.vmId}`, "VM.Clone");
	}
}

function requireMappedDevice(subject: Subject, option: string, value: string): void {
	const device = parseProperties(value, "host");
	if (device.host !== undefined) {
		die(`only root can set '${option}' config for non-mapped devices`);
	}
	if (device.mapping === undefined) {
		die("either 'host' or 'mapping' must be set.");
	}
	subject.access.require(`/mapping/pci/${device.mapping}`, "Mapping.Use");
	requireOnVm(subject, ["VM.Config.HWType"]);
	if (device.romfile !== undefined) {
		invalidParameters({ [option]: "only root@pam can set 'romfile' option" });
	}
}

/** With a VLAN tag the privilege is needed on exactly this tag of the bridge. */
function requireBridge(access: Access, value: string): void {
	const { bridge, tag } = parseNic(value).options;
	if (bridge === undefined) {
		return;
	}
	const path = `/sdn/zones/localnetwork/${bridge}`;
	access.require(tag === undefined ? path : `${path}/${tag}`, "SDN.Use");
}
