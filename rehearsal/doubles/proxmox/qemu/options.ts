import { parseProperties } from "../properties.ts";
import { invalidParameters } from "../server/errors.ts";

/**
 * The options of a VM's configuration by the privilege that may change them, as in `$check_vm_modify_config_perm` of
 * qemu-server 9.2. Only root may change an option without a group.
 */
const groups: Record<string, string[]> = {
	"VM.Config.CPU": ["cores", "cpu", "cpulimit", "cpuunits", "numa", "sockets", "vcpus"],
	"VM.Config.Memory": ["allow-ksm", "balloon", "memory", "shares"],
	"VM.Config.HWType": [
		...["acpi", "audio0", "hotplug", "kvm", "machine", "rng0", "scsihw", "smbios1", "tablet", "vga", "watchdog"],
	],
	"VM.Config.Options": [
		...["agent", "autostart", "bios", "description", "keyboard", "localtime", "migrate_downtime", "migrate_speed"],
		...["name", "onboot", "ostype", "protection", "reboot", "startdate", "startup", "tdf", "template"],
	],
	"VM.PowerMgmt": ["freeze"],
	"VM.Config.Disk": ["boot", "bootdisk", "vmstatestorage"],
	"VM.Config.Cloudinit": [
		...["cicustom", "cipassword", "citype", "ciupgrade", "ciuser", "nameserver", "searchdomain", "sshkeys"],
	],
};

const rootOnly = new Set([
	...["affinity", "amd-sev", "arch", "args", "hookscript", "hugepages", "intel-tdx", "ivshmem", "keephugepages"],
	...["lock", "vmgenid"],
]);

const indexed: [name: RegExp, count: number, privilege?: string][] = [
	[/^net(\d+)$/, 32, "VM.Config.Network"],
	[/^ipconfig(\d+)$/, 32, "VM.Config.Cloudinit"],
	[/^numa(\d+)$/, 8, "VM.Config.CPU"],
	[/^scsi(\d+)$/, 31],
	[/^virtio(\d+)$/, 16],
	[/^sata(\d+)$/, 6],
	[/^ide(\d+)$/, 4],
	[/^efidisk(\d+)$/, 1],
	[/^tpmstate(\d+)$/, 1],
	[/^unused(\d+)$/, 256],
	[/^hostpci(\d+)$/, 16],
	[/^serial(\d+)$/, 4],
	[/^usb(\d+)$/, 14],
	[/^parallel(\d+)$/, 3],
];

const numbers = new Set([
	...["acpi", "autostart", "balloon", "ciupgrade", "cores", "cpulimit", "cpuunits", "freeze", "keephugepages", "kvm"],
	...["localtime", "numa", "onboot", "protection", "reboot", "shares", "sockets", "tablet", "tdf", "template", "vcpus"],
]);

export function isDrive(option: string): boolean {
	return /^(scsi|virtio|sata|ide|efidisk|tpmstate)\d+$/.test(option);
}

export function exists(option: string): boolean {
	const known = option === "tags" || rootOnly.has(option) || Object.values(groups).flat().includes(option);
	return known || indexed.some(([name, count]) => Number(name.exec(option)?.[1] ?? Number.NaN) < count);
}

/** Privilege on the VM that may change an option, or `undefined` when only root may. */
export function privilegeFor(option: string): string | undefined {
	const group = Object.entries(groups).find(([, options]) => options.includes(option));
	return group?.[0] ?? indexed.find(([name]) => name.test(option))?.[2];
}

/** A stored value as the API answers it: numbers and booleans as numbers, `memory` as a string. */
export function displayedValue(option: string, value: string): string | number {
	return numbers.has(option) ? Number(value) : value;
}

/** Refuses what the API's schema refuses: unknown options, and values that would fail later. */
export function validateOptions(options: Record<string, string>): void {
	const errors: Record<string, string> = {};
	for (const [option, value] of Object.entries(options)) {
		const error = exists(option)
			? valueError(option, value)
			: "property is not defined in schema and the schema does not allow additional properties";
		if (error !== undefined) {
			errors[option] = error;
		}
	}
	if (Object.keys(errors).length > 0) {
		invalidParameters(errors);
	}
}

function valueError(option: string, value: string): string | undefined {
	switch (true) {
		case option === "name":
			return /^([a-z0-9]([a-z0-9-]*[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(value)
				? undefined
				: "invalid format - value does not look like a valid DNS name";
		case option === "tags":
			return value.split(/[,;\s]+/).every((tag) => tag === "" || /^[a-z0-9_][a-z0-9_\-+.]*$/i.test(tag))
				? undefined
				: "invalid format - invalid characters in tag";
		case option === "memory":
			return Number(parseProperties(value, "current").current) >= 16
				? undefined
				: "value must have a minimum value of 16";
		case option === "template":
			return value === "0" ? undefined : "templates are not part of this double";
		case option === "cores" || option === "sockets":
			return Number(value) >= 1 ? undefined : "value must have a minimum value of 1";
		case /^net\d+$/.test(option): {
			const { tag } = parseProperties(value, "model");
			return tag === undefined || (Number(tag) >= 1 && Number(tag) <= 4094)
				? undefined
				: "invalid format - tag: value must have a maximum value of 4094";
		}
		default:
			return undefined;
	}
}
