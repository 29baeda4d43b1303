import { randomUUID } from "node:crypto";
import { formatProperties, parseProperties } from "../properties.ts";
import { die, messageOf } from "../server/errors.ts";
import type { Volume, Volumes } from "../storage/volumes.ts";
import { createConfiguration } from "./configuration.ts";
import { drivesOf, formatDrive, formatSize, isCdrom, isCloudInit, parseDrive, parseSize } from "./drives.ts";
import { formatNic, parseNic, randomMac } from "./network.ts";
import { assertUnlocked, assertUnprotected, type Configuration, isTemplate, type Vm, type Vms } from "./vm.ts";

/** Makes the disks and the configuration of a VM whose id is already reserved. */
export async function createVm(vm: Vm, options: Configuration, volumes: Volumes): Promise<void> {
	try {
		await createConfiguration(vm, options, volumes);
	} catch (error) {
		die(`unable to create VM ${vm.id} - ${messageOf(error)}`);
	}
	vm.configuration.meta = `creation-qemu=10.1.2,ctime=${Math.floor(Date.now() / 1000)}`;
	vm.configuration.smbios1 ??= `uuid=${randomUUID()}`;
	vm.configuration.vmgenid ??= randomUUID();
	vm.lock = undefined;
}

export function assertDestroyable(vm: Vm): void {
	assertUnprotected(vm, `can't remove VM ${vm.id}`);
	if (vm.status === "running") die(`VM ${vm.id} is running - destroy failed`);
}

/**
 * Frees every volume that the VM owns, and forgets it. Proxmox keeps those that no option names unless
 * `destroy-unreferenced-disks` is set; nothing here makes any: a disk that leaves an option becomes `unusedN`.
 */
export async function destroyVm(vm: Vm, vms: Vms, volumes: Volumes): Promise<void> {
	assertDestroyable(vm);
	assertUnlocked(vm);
	for (const volume of volumes.ownedBy(vm.host, vm.id)) await volumes.free(volume);
	vms.delete(vm);
}

/** Grows a disk, and returns its volume. `size` is bytes or carries a unit; a leading `+` adds. */
export function resizeDisk(vm: Vm, disk: string, size: string, volumes: Volumes): Volume {
	assertUnlocked(vm);
	const drive = parseDrive(vm.configuration[disk] ?? die(`disk '${disk}' does not exist`));
	if (isCdrom(drive)) die("you can't resize a cdrom");
	const volume = volumes.get(vm.host, drive.file);
	const bytes = parseSize(size, volume.virtualSizeBytes);
	if (bytes < volume.virtualSizeBytes) die("shrinking disks is not supported");
	volume.virtualSizeBytes = bytes;
	volume.sizeBytes = bytes;
	vm.configuration[disk] = formatDrive({ ...drive, size: formatSize(bytes) });
	return volume;
}

export function assertTemplatable(vm: Vm): void {
	assertUnlocked(vm);
	if (isTemplate(vm)) die("you can't convert a template to a template");
	if (vm.status === "running") die("you can't convert a VM to template if VM is running");
}

/** Marks the VM and turns its disks into base volumes. */
export async function makeTemplate(vm: Vm, volumes: Volumes): Promise<void> {
	assertTemplatable(vm);
	vm.configuration.template = "1";
	for (const [option, drive] of drivesOf(vm.configuration)) {
		const volume = volumes.find(vm.host, drive.file);
		if (volume === undefined || isCdrom(drive)) continue;
		const base = volumes.add({ ...volume, id: volume.id.replace(/vm-(\d+-disk)/, "base-$1") });
		await volumes.free(volume);
		vm.configuration[option] = formatDrive({ ...drive, file: base.id });
	}
}

/** Copies every disk and the configuration, with identities of its own: MAC addresses, SMBIOS UUID, generation id. */
export async function cloneVm(
	source: Vm,
	clone: Vm,
	volumes: Volumes,
	options: { name?: string; description?: string; storage?: string },
): Promise<void> {
	const allocated: Volume[] = [];
	const configuration: Configuration = {};
	try {
		for (const [option, drive] of drivesOf(source.configuration)) {
			const volume = volumes.find(source.host, drive.file);
			if (volume === undefined) {
				configuration[option] = formatDrive(drive);
				continue;
			}
			const copy = volumes.allocate({
				host: clone.host,
				storage: options.storage ?? volume.storage,
				vmId: clone.id,
				sizeBytes: volume.virtualSizeBytes,
				format: volume.format,
				name: isCloudInit(drive) ? `vm-${clone.id}-cloudinit` : undefined,
				bootable: volume.bootable,
			});
			allocated.push(copy);
			configuration[option] = formatDrive({ ...drive, file: copy.id });
		}
	} catch (error) {
		for (const volume of allocated) await volumes.free(volume);
		die(`clone failed: ${messageOf(error)}`);
	}
	for (const [option, value] of Object.entries(source.configuration)) {
		if (option in configuration || option === "template" || /^unused\d+$/.test(option)) continue;
		configuration[option] = /^net\d+$/.test(option) ? formatNic({ ...parseNic(value), mac: randomMac() }) : value;
	}
	const smbios = parseProperties(source.configuration.smbios1 ?? "", "");
	clone.configuration = {
		...configuration,
		name: options.name ?? `Copy-of-VM-${source.configuration.name ?? source.id}`,
		...(options.description === undefined ? {} : { description: options.description }),
		smbios1: formatProperties({ ...smbios, uuid: randomUUID() }, ""),
		vmgenid: randomUUID(),
	};
	clone.lock = undefined;
}
