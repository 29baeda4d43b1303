import { formatProperties, type Properties, parseProperties } from "../properties.ts";
import { die, invalidParameters } from "../server/errors.ts";
import { GiB, MiB } from "../sizes.ts";
import type { Volume, Volumes } from "../storage/volumes.ts";
import { isDrive } from "./options.ts";
import { type Configuration, plannedConfiguration, type Vm } from "./vm.ts";

/** `local-lvm:32` allocates 32 GiB; `local-lvm:0,import-from=...` copies an image. */
const newDisk = /^(?:([^/:\s]+):)?(\d+(?:\.\d+)?)$/;

export interface Drive extends Properties {
	/** Volume id, `none`, `cdrom`, or a request for a new volume. */
	file: string;
}

export function parseDrive(value: string): Drive {
	const properties = parseProperties(value, "file");
	return { ...properties, file: properties.file ?? "none" };
}

export function formatDrive(drive: Drive): string {
	return formatProperties(drive, "file");
}

export function isCloudInit(drive: Drive): boolean {
	return /[:/](vm-\d+-)?cloudinit(\.\w+)?$/.test(drive.file);
}

export function isCdrom(drive: Drive): boolean {
	return drive.media === "cdrom";
}

/** Storage of a requested new volume, or `undefined` for a drive without a new volume. */
export function storageOfNewDisk(drive: Drive): string | undefined {
	return newDisk.exec(drive.file)?.[1];
}

export function drivesOf(configuration: Configuration): [option: string, drive: Drive][] {
	return Object.entries(configuration)
		.filter(([option]) => isDrive(option))
		.map(([option, value]) => [option, parseDrive(value)]);
}

interface RealizedDrive {
	/** Canonical drive string. */
	value: string;
	/** New volume of the drive. */
	volume?: Volume;
}

/** Makes the volume that a client requested, if it requested one, and the canonical drive string. */
export function realizeDrive(vm: Vm, option: string, value: string, volumes: Volumes): RealizedDrive {
	const { format, ...drive } = parseDrive(value);
	if (drive.file === "none" || drive.file === "cdrom") {
		return { value: formatDrive(drive) };
	}

	const [storage = "", name = ""] = drive.file.split(":");
	if (name === "cloudinit") {
		const attached = drivesOf(plannedConfiguration(vm)).find(([other, disk]) => other !== option && isCloudInit(disk));
		if (attached !== undefined) {
			die(`${option} - cloud-init drive is already attached at '${attached[0]}'`);
		}
		const volume = volumes.allocate({
			host: vm.host,
			storage,
			vmId: vm.id,
			sizeBytes: 4 * MiB,
			name: `vm-${vm.id}-cloudinit`,
			format,
		});
		return { value: formatDrive({ ...drive, file: volume.id, media: "cdrom", size: "4M" }), volume };
	}

	const [, , gib] = newDisk.exec(drive.file) ?? [];
	if (gib === undefined) {
		const volume = volumes.get(vm.host, drive.file);
		return { value: formatDrive({ ...drive, size: formatSize(volume.virtualSizeBytes) }) };
	}

	const { "import-from": source, ...kept } = drive;
	const image = source === undefined ? undefined : volumes.get(vm.host, source);
	if (image !== undefined && Number(gib) !== 0) {
		invalidParameters({ [option]: "'import-from' requires special syntax - use <storage ID>:0,import-from=<source>" });
	}
	const volume = volumes.allocate({
		host: vm.host,
		storage,
		vmId: vm.id,
		sizeBytes: fixedSize(option) ?? image?.virtualSizeBytes ?? Number(gib) * GiB,
		format,
		bootable: image?.bootable,
	});
	const realized: Drive = { ...kept, file: volume.id, size: formatSize(volume.sizeBytes) };
	// Proxmox VE 9 also enrols the certificates of 2023.
	if (option === "efidisk0" && kept["pre-enrolled-keys"] === "1") {
		realized["ms-cert"] = "2023k";
	}
	return { value: formatDrive(realized), volume };
}

/** EFI variables and TPM state have a fixed size. A requested size is ignored. */
function fixedSize(option: string): number | undefined {
	return option === "efidisk0" || option === "tpmstate0" ? 4 * MiB : undefined;
}

/** Reads bytes, or a number with K, M, G or T. A leading `+` adds to the current size. */
export function parseSize(text: string, currentBytes: number): number {
	const [, plus, number, unit] =
		/^(\+)?(\d+(?:\.\d+)?)([KMGT])?$/.exec(text) ??
		invalidParameters({ size: "value does not match the regex pattern" });
	const factor = unit === undefined ? 1 : 1024 ** ("KMGT".indexOf(unit) + 1);
	return Math.floor(Number(number) * factor + (plus === "+" ? currentBytes : 0));
}

export function formatSize(bytes: number): string {
	for (const [unit, size] of [
		["T", 1024 * GiB],
		["G", GiB],
		["M", MiB],
		["K", 1024],
	] as const) {
		if (bytes % size === 0) {
			return `${bytes / size}${unit}`;
		}
	}
	return String(bytes);
}

/** Keeps the volume of a removed disk as `unusedN`, and deletes that of a cloud-init drive, which can be made again. */
export async function detachDrive(vm: Vm, value: string, volumes: Volumes): Promise<void> {
	const drive = parseDrive(value);
	const volume = volumes.find(vm.host, drive.file);
	if (volume?.vmId !== vm.id) {
		return;
	}
	if (isCloudInit(drive)) {
		await volumes.free(volume);
		return;
	}
	let number = 0;
	while (vm.configuration[`unused${number}`] !== undefined) {
		number++;
	}
	vm.configuration[`unused${number}`] = volume.id;
}
