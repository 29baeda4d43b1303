/** The Proxmox parameters that the inputs of VmLegacy become, in the order and the words of the plugin. */
import type { Parameters } from "./client.ts";
import { bit, bytes, propertyString } from "./parameters.ts";
import type { VmInputs } from "./vm-inputs.ts";

/** Parameters of POST /nodes/N/qemu. */
export function createParameters(vm: VmInputs): Parameters {
	const { initialization } = vm;
	const drive = initialization && { [initialization.interface]: `file=${initialization.datastoreId}:cloudinit,` };
	const upgrade = initialization?.upgrade === undefined ? {} : { ciupgrade: bit(initialization.upgrade) };
	return {
		vmid: vm.vmId,
		...configParameters(vm),
		...drive,
		...cloudInitParameters(vm),
		...upgrade,
		...diskParameters(vm),
	};
}

/** Everything but disks and cloud-init. */
export function configParameters(vm: VmInputs): Parameters {
	const { agent, cpu, memory, startup } = vm;
	const nics = vm.networkDevices.map((_, index) => `net${index}`);
	return {
		acpi: 1,
		agent: propertyString({ enabled: bit(agent.enabled), fstrim_cloned_disks: bit(agent.trim), type: agent.type }),
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
		startup: startup && propertyString({ order: startup.order, up: startup.upDelay }),
		tablet: 1,
		tags: vm.tags.join(";"),
		template: 0,
		...Object.fromEntries(vm.serialDevices.map(({ device }, index) => [`serial${index}`, device])),
		...Object.fromEntries(vm.networkDevices.map((nic, index) => [`net${index}`, netParameter(nic)])),
		...Object.fromEntries(
			vm.hostpcis.map(({ device, mapping, pcie, rombar, xvga }) => [
				device,
				propertyString({ mapping, pcie: bit(pcie), rombar: bit(rombar), "x-vga": bit(xvga) }),
			]),
		),
		// The plugin ends a drive with a comma; Proxmox ignores the empty part.
		...(vm.cdrom ? { [vm.cdrom.interface]: `${propertyString({ file: vm.cdrom.fileId, media: "cdrom" })},` } : {}),
	};
}

/** Without `ciupgrade`, which the plugin sends again only when it has changed. */
export function cloudInitParameters({ initialization }: VmInputs): Parameters {
	if (!initialization) {
		return {};
	}
	const { userAccount, ipConfigs, dns } = initialization;
	return {
		ciuser: userAccount.username,
		sshkeys: encodeURIComponent(userAccount.keys.map((key) => key.trim()).join("\n")),
		nameserver: dns && dns.servers.length > 0 ? dns.servers.join(" ") : undefined,
		searchdomain: dns?.domain,
		...Object.fromEntries(
			ipConfigs.map(({ ipv4 }, index) => [`ipconfig${index}`, propertyString({ gw: ipv4.gateway, ip: ipv4.address })]),
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
		...(efi ? { efidisk0: propertyString(efi) } : {}),
		...Object.fromEntries(
			disks.map((disk) => {
				const size = propertyString({ "import-from": disk.importFrom, size: bytes(disk.size) });
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
	return propertyString({
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

function netParameter({
	model,
	bridge,
	firewall,
	macAddress,
	mtu,
	vlanId,
}: VmInputs["networkDevices"][number]): string {
	return propertyString({ model, bridge, firewall: bit(firewall), macaddr: macAddress, mtu, tag: vlanId });
}

/** Parameters whose change acts only after a power cycle. */
export const NEEDS_POWER_CYCLE =
	/^(agent|balloon|bios|cores|cpu|hostpci\d+|machine|memory|numa|scsihw|serial\d+|sockets|vga)$/;
