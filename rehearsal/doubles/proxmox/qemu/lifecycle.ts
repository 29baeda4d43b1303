import { randomUUID } from "node:crypto";
import { die, messageOf } from "../server/errors.ts";
import type { Volume, Volumes } from "../storage/volumes.ts";
import { createConfiguration } from "./configuration.ts";
import { formatDrive, formatSize, isCdrom, parseDrive, parseSize } from "./drives.ts";
import { assertUnlocked, assertUnprotected, type Configuration, type Vm, type Vms } from "./vm.ts";

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
	if (vm.status === "running") {
		die(`VM ${vm.id} is running - destroy failed`);
	}
}

/**
 * Frees every volume of the VM, and removes the VM. Without `destroy-unreferenced-disks` Proxmox keeps volumes that no option
 * names. There are none here, because a disk that leaves its option becomes `unusedN`.
 */
export async function destroyVm(vm: Vm, vms: Vms, volumes: Volumes): Promise<void> {
	assertDestroyable(vm);
	assertUnlocked(vm);
	for (const volume of volumes.ownedBy(vm.host, vm.id)) {
		await volumes.free(volume);
	}
	vms.delete(vm);
}

/**
 * Grows a disk and returns its volume. `size` has the form of {@link parseSize}. Snapshots of the VM do not matter since qemu-server
 * 8.0.2 (bug 517).
 */
export function resizeDisk(vm: Vm, disk: string, size: string, volumes: Volumes): Volume {
	assertUnlocked(vm);
	const drive = parseDrive(vm.configuration[disk] ?? die(`disk '${disk}' does not exist`));
	if (isCdrom(drive)) {
		die("you can't resize a cdrom");
	}
	const volume = volumes.get(vm.host, drive.file);
	const bytes = parseSize(size, volume.virtualSizeBytes);
	if (bytes < volume.virtualSizeBytes) {
		die("shrinking disks is not supported");
	}
	volume.virtualSizeBytes = bytes;
	volume.sizeBytes = bytes;
	vm.configuration[disk] = formatDrive({ ...drive, size: formatSize(bytes) });
	return volume;
}
