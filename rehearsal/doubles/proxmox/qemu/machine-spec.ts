import type { HostDescription, ProxmoxVersion } from "../descriptions.ts";
import type { CloudInit, MachineNic, MachineSpec } from "../hypervisor.ts";
import { parseProperties } from "../properties.ts";
import type { Volume, Volumes } from "../storage/volumes.ts";
import { bootOrder } from "./configuration.ts";
import { drivesOf, isCdrom, isCloudInit, parseDrive } from "./drives.ts";
import { isLinkDown, parseNic } from "./network.ts";
import { isDrive } from "./options.ts";
import type { PowerContext } from "./power.ts";
import { type Configuration, memoryOf, type Vm } from "./vm.ts";

/** Identity of a volume on all hosts, in characters that a file name may have. */
export function volumeKey(volume: Volume): string {
	return `${volume.host}_${volume.id.replace(/[^A-Za-z0-9._-]/g, "_")}`;
}

/** The machine of a configuration, or `undefined` when no disk has a system to boot. */
export function machineSpecOf(vm: Vm, { volumes, version, hostOf }: PowerContext): MachineSpec | undefined {
	const { configuration } = vm;
	const systemVolume = bootVolume(vm, volumes);
	if (systemVolume === undefined) {
		return undefined;
	}
	const nics = numbered(configuration, "net").map(nicOf);
	const name = configuration.name ?? `VM${vm.id}`;
	return {
		vmId: vm.id,
		name,
		host: vm.host,
		cores: Number(configuration.cores ?? 1) * Number(configuration.sockets ?? 1),
		memoryMiB: memoryOf(configuration),
		systemBytes: systemVolume.sizeBytes,
		nics,
		cloudInit: cloudInitOf(configuration, name, nics.length, hostOf(vm)),
		systemVolume: volumeKey(systemVolume),
		...dataDisksOf(vm, volumes, version),
		...pciDevicesOf(vm),
	};
}

/**
 * From machine version 10.0 on, the device id of a disk is the name of its drive. Earlier versions use the serial number. A
 * machine without a configured version has version 10.0 when it starts on Proxmox VE 9 (qemu-server 9.0.7, DriveDevice.pm).
 */
function dataDisksOf(vm: Vm, volumes: Volumes, version: ProxmoxVersion): Pick<MachineSpec, "dataDisks"> {
	const dataDisks = drivesOf(vm.configuration).flatMap(([option, { file, serial }]) => {
		const volume = volumes.find(vm.host, file);
		if (serial === undefined || volume === undefined || volume.bootable) {
			return [];
		}
		const deviceId = version === 8 ? serial : `drive-${option}`;
		return [{ serial, deviceId, sizeBytes: volume.sizeBytes, volume: volumeKey(volume) }];
	});
	return dataDisks.length === 0 ? {} : { dataDisks };
}

/** Devices that the host chose for this start. */
function pciDevicesOf({ reservation }: Vm): Pick<MachineSpec, "pciDevices"> {
	const pciDevices = (reservation?.devices ?? []).map(({ id }) => id);
	return pciDevices.length === 0 ? {} : { pciDevices };
}

/** The first device of the boot order with a system, because firmware tries one device after the other. */
function bootVolume(vm: Vm, volumes: Volumes): Volume | undefined {
	return bootOrder(vm.configuration.boot)
		.filter(isDrive)
		.map((device) => parseDrive(vm.configuration[device] ?? "none"))
		.filter((drive) => !isCdrom(drive))
		.map((drive) => volumes.find(vm.host, drive.file))
		.find((volume) => volume?.bootable);
}

function nicOf(value: string): MachineNic {
	const nic = parseNic(value);
	const { bridge = "vmbr0", tag } = nic.options;
	const link = { mac: nic.mac, linkDown: isLinkDown(nic) };
	return tag === undefined ? { bridge, ...link } : { bridge, tag: Number(tag), ...link };
}

/** Without a cloud-init drive the guest gets none of the cloud-init options. */
function cloudInitOf(configuration: Configuration, name: string, nics: number, host: HostDescription): CloudInit {
	const attached = drivesOf(configuration).some(([, drive]) => isCloudInit(drive));
	if (!attached) {
		return { hostname: "localhost", sshKeys: [], addresses: [], nameservers: [], upgradesPackages: false };
	}
	const addresses = Array.from({ length: nics }, (_, index) => staticAddress(configuration, index));
	const keys = decodeURIComponent(configuration.sshkeys ?? "").split("\n");
	return {
		hostname: name,
		user: configuration.ciuser,
		sshKeys: keys.map((key) => key.trim()).filter((key) => key !== ""),
		addresses,
		nameservers: (configuration.nameserver ?? "").split(/[\s,]+/).filter((server) => server !== ""),
		// Default: the search domain of the host at this start of the machine (qemu-server, Cloudinit.pm, get_dns_conf).
		searchDomain: configuration.searchdomain ?? host.searchDomain,
		// On unless it is switched off (qemu-server, Cloudinit.pm).
		upgradesPackages: configuration.ciupgrade !== "0",
	};
}

function staticAddress(configuration: Configuration, index: number): { cidr: string; gateway?: string } {
	const { ip, gw } = parseProperties(configuration[`ipconfig${index}`] ?? "", "ip");
	if (ip === undefined || ip === "dhcp") {
		throw new Error(`ipconfig${index} has no static IPv4 address, and no DHCP server answers in this datacenter`);
	}
	return gw === undefined ? { cidr: ip } : { cidr: ip, gateway: gw };
}

function numbered(configuration: Configuration, prefix: string): string[] {
	return Object.entries(configuration)
		.map(([option, value]) => ({ index: Number(option.slice(prefix.length)), option, value }))
		.filter(({ index, option }) => option.startsWith(prefix) && option.length > prefix.length && !Number.isNaN(index))
		.sort((a, b) => a.index - b.index)
		.map(({ value }) => value);
}
