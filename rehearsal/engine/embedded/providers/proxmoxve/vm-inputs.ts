/** Inputs of VmLegacy that the host knows. */
import { z } from "zod";

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
	mtu: z.number().optional(),
	vlanId: z.number().optional(),
});

const initialization = z.strictObject({
	datastoreId: z.string(),
	interface: z.string().default("ide2"),
	upgrade: z.boolean().optional(),
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
	protection: z.boolean().default(false),
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
	agent: z.strictObject({
		enabled: z.boolean().default(false),
		trim: z.boolean().default(false),
		type: z.string().default("virtio"),
		waitForIp: z.strictObject({
			disabled: z.literal(true, { error: "must be true: the embedded host waits for no address" }),
		}),
	}),
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
	startup: z.strictObject({ order: z.number(), upDelay: z.number().optional() }).optional(),
	initialization: initialization.optional(),
});

export type VmInputs = z.output<typeof vmInputs>;
