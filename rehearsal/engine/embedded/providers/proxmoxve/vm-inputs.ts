/** Inputs of VmLegacy that the host knows, and the Proxmox parameters they become (order and texts as the plugin sends). */
import { z } from "zod";
import type { Parameters } from "./client.ts";

const disk = z.strictObject({
	interface: z.string(),
	datastoreId: z.string(),
	importFrom: z.string().optional(),
	/** GiB. */
	size: z.number(),
	discard: z.enum(["on", "ignore"]).default("ignore"),
	iothread: z.boolean().default(false),
	serial: z.string().optional(),
	ssd: z.boolean().default(false),
	backup: z.boolean().default(true),
	replicate: z.boolean().default(true),
	aio: z.string().default("io_uring"),
	cache: z.string().default("none"),
});

const networkDevice = z.strictObject({
	bridge: z.string(),
	model: z.string().default("virtio"),
	firewall: z.boolean().default(false),
	macAddress: z.string().optional(),
	vlanId: z.number().optional(),
});

const initialization = z.strictObject({
	datastoreId: z.string(),
	interface: z.string().default("ide2"),
	userAccount: z.strictObject({ username: z.string(), keys: z.array(z.string()) }),
	ipConfigs: z.array(z.strictObject({ ipv4: z.strictObject({ address: z.string(), gateway: z.string().optional() }) })),
	dns: z.strictObject({ servers: z.array(z.string()).default([]), domain: z.string().optional() }).optional(),
});

export const vmInputs = z.strictObject({
	name: z.string(),
	nodeName: z.string(),
	vmId: z.number(),
	description: z.string().optional(),
	tags: z.array(z.string()).default([]),
	onBoot: z.boolean().default(true),
	started: z.boolean().default(true),
	protection: z.boolean().default(false),
	stopOnDestroy: z.boolean().default(false),
	rebootAfterUpdate: z.boolean().default(true),
	/** Whether another host moves the machine rather than replacing it; see `update`. */
	migrate: z.boolean().default(false),
	machine: z.string().optional(),
	bios: z.string().default("seabios"),
	scsiHardware: z.string().default("virtio-scsi-pci"),
	cpu: z.strictObject({
		cores: z.number().default(1),
		sockets: z.number().default(1),
		type: z.string().default("qemu64"),
		numa: z.boolean().default(false),
	}),
	/** MiB. */
	memory: z.strictObject({ dedicated: z.number(), floating: z.number().default(0) }),
	agent: z
		.strictObject({
			enabled: z.boolean().default(false),
			trim: z.boolean().default(false),
			type: z.string().default("virtio"),
			/** Go duration. */
			timeout: z.string().default("15m"),
			waitForIp: z.strictObject({ disabled: z.boolean() }).optional(),
		})
		.prefault({}),
	operatingSystem: z.strictObject({ type: z.string() }).prefault({ type: "other" }),
	efiDisk: z
		.strictObject({
			datastoreId: z.string(),
			type: z.string().default("2m"),
			preEnrolledKeys: z.boolean().default(false),
		})
		.optional(),
	cdrom: z.strictObject({ fileId: z.string(), interface: z.string() }).optional(),
	bootOrders: z.array(z.string()).optional(),
	disks: z.array(disk),
	networkDevices: z.array(networkDevice).default([]),
	hostpcis: z
		.array(
			z.strictObject({
				device: z.string(),
				mapping: z.string(),
				pcie: z.boolean().default(false),
				rombar: z.boolean().default(true),
				xvga: z.boolean().default(false),
			}),
		)
		.default([]),
	serialDevices: z.array(z.strictObject({ device: z.string().default("socket") })).default([]),
	startup: z
		.strictObject({ order: z.number(), upDelay: z.number().optional(), downDelay: z.number().optional() })
		.optional(),
	initialization: initialization.optional(),
});

export type VmInputs = z.output<typeof vmInputs>;

const bit = (value: boolean) => (value ? 1 : 0);
const fields = (values: Record<string, string | number | undefined>) =>
	Object.entries(values)
		.filter(([, value]) => value !== undefined)
		.map(([key, value]) => `${key}=${value}`)
		.join(",");

export const bytes = (gibibytes: number) => gibibytes * 1024 ** 3;

/** Parameters of POST /nodes/N/qemu. */
export function createParameters(vm: VmInputs): Parameters {
	const { initialization } = vm;
	const drive = initialization && { [initialization.interface]: `file=${initialization.datastoreId}:cloudinit,` };
	return { vmid: vm.vmId, ...configParameters(vm), ...drive, ...cloudInitParameters(vm), ...diskParameters(vm) };
}

/** Everything but disks and cloud-init. */
export function configParameters(vm: VmInputs): Parameters {
	const { agent, cpu, memory, startup } = vm;
	const nics = vm.networkDevices.map((_, index) => `net${index}`);
	return {
		acpi: 1,
		agent: fields({ enabled: bit(agent.enabled), fstrim_cloned_disks: bit(agent.trim), type: agent.type }),
		balloon: memory.floating,
		bios: vm.bios,
		boot: `order=${(vm.bootOrders ?? [...vm.disks.map((each) => each.interface), ...nics]).join(";")}`,
		cores: cpu.cores,
		cpu: cpu.type,
		description: vm.description,
		keyboard: "en-us",
		machine: vm.machine,
		memory: memory.dedicated,
		name: vm.name,
		numa: bit(cpu.numa),
		onboot: bit(vm.onBoot),
		ostype: vm.operatingSystem.type,
		protection: bit(vm.protection),
		scsihw: vm.scsiHardware,
		sockets: cpu.sockets,
		startup: startup && fields({ order: startup.order, up: startup.upDelay, down: startup.downDelay }),
		tablet: 1,
		tags: vm.tags.join(";"),
		template: 0,
		...Object.fromEntries(vm.serialDevices.map(({ device }, index) => [`serial${index}`, device])),
		...Object.fromEntries(vm.networkDevices.map((nic, index) => [`net${index}`, netParameter(nic)])),
		...Object.fromEntries(
			vm.hostpcis.map(({ device, mapping, pcie, rombar, xvga }) => [
				device,
				fields({ mapping, pcie: bit(pcie), rombar: bit(rombar), "x-vga": bit(xvga) }),
			]),
		),
		// The plugin ends a drive with a comma; Proxmox ignores the empty part.
		...(vm.cdrom ? { [vm.cdrom.interface]: `${fields({ file: vm.cdrom.fileId, media: "cdrom" })},` } : {}),
	};
}

export function cloudInitParameters({ initialization }: VmInputs): Parameters {
	if (!initialization) return {};
	const { userAccount, ipConfigs, dns } = initialization;
	return {
		ciuser: userAccount.username,
		sshkeys: encodeURIComponent(userAccount.keys.map((key) => key.trim()).join("\n")),
		nameserver: dns && dns.servers.length > 0 ? dns.servers.join(" ") : undefined,
		searchdomain: dns?.domain,
		...Object.fromEntries(
			ipConfigs.map(({ ipv4 }, index) => [`ipconfig${index}`, fields({ gw: ipv4.gateway, ip: ipv4.address })]),
		),
	};
}

function diskParameters({ disks, efiDisk }: VmInputs): Parameters {
	const efi = efiDisk && {
		file: `${efiDisk.datastoreId}:1`,
		format: "raw",
		efitype: efiDisk.type,
		"pre-enrolled-keys": bit(efiDisk.preEnrolledKeys),
	};
	return {
		...(efi ? { efidisk0: fields(efi) } : {}),
		...Object.fromEntries(
			disks.map((disk) => {
				const size = fields({ "import-from": disk.importFrom, size: bytes(disk.size) });
				return [disk.interface, `${newVolume(disk)},${size},${diskOptions(disk)}`];
			}),
		),
	};
}

/** Asks for a volume of its own; the size of an import follows from its source, and grows afterwards. */
export function newVolume({ datastoreId, importFrom, size }: VmInputs["disks"][number]): string {
	return `file=${datastoreId}:${importFrom ? 0 : size}`;
}

export function diskOptions(disk: VmInputs["disks"][number]): string {
	return fields({
		aio: disk.aio,
		backup: bit(disk.backup),
		iothread: bit(disk.iothread),
		serial: disk.serial,
		ssd: bit(disk.ssd),
		discard: disk.discard,
		cache: disk.cache,
		replicate: bit(disk.replicate),
	});
}

function netParameter({ model, bridge, firewall, macAddress, vlanId }: VmInputs["networkDevices"][number]): string {
	return fields({ model, bridge, firewall: bit(firewall), macaddr: macAddress, tag: vlanId });
}

/** Parameters whose change acts only after a power cycle. */
export const NEEDS_POWER_CYCLE =
	/^(agent|balloon|bios|cores|cpu|hostpci\d+|machine|memory|numa|scsihw|serial\d+|sockets|vga)$/;
