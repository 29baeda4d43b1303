/**
 * What the Proxmox API double asks of whatever runs the machines, and nothing more: the double knows no container,
 * the machines know no HTTP.
 */
export interface MachineNic {
	/** Proxmox bridge, e.g. `vmbr0`. */
	bridge: string;
	/** VLAN tag; absent means untagged. Machines on different tags do not see each other. */
	tag?: number;
	/** Colon-separated MAC address, upper case, as Proxmox stores it. */
	mac: string;
	/** `true` pulls the cable (Proxmox `link_down=1`). */
	linkDown: boolean;
}

/** The part of Proxmox's native cloud-init that a Linux guest acts on. */
export interface CloudInit {
	hostname: string;
	user?: string;
	/** OpenSSH public keys, one per entry. */
	sshKeys: string[];
	/** One per NIC, in order: `10.25.20.4/24`. */
	addresses: { cidr: string; gateway?: string }[];
	nameservers: string[];
	searchDomain?: string;
	/** Whether it upgrades every package after its first boot. */
	upgradesPackages: boolean;
}

/** A blank disk, whose content stays with its volume. */
interface DataDisk {
	/** What the guest reads as the disk's serial number. */
	serial: string;
	/** What the disk calls itself, and the guest's `/dev/disk/by-id` calls it by: not always the serial number. */
	deviceId: string;
	sizeBytes: number;
	volume: string;
}

export interface MachineSpec {
	vmId: number;
	name: string;
	/** The Proxmox host that runs the machine. */
	host: string;
	cores: number;
	memoryMiB: number;
	/** Size of the disk that it boots from. */
	systemBytes: number;
	nics: MachineNic[];
	cloudInit: CloudInit;
	/** Identifies the disks' content: a machine with the same identity boots from the disk it left; a new one starts from the image. */
	systemVolume: string;
	/** Disks beside the one that it boots from; those without a serial number are not shown to the guest. */
	dataDisks?: DataDisk[];
	/** `vendor:device` of each PCI device that is passed through. */
	pciDevices?: string[];
}

export interface GuestInterface {
	name: string;
	mac: string;
	addresses: { address: string; prefix: number; family: "ipv4" | "ipv6" }[];
}

export interface Hypervisor {
	/** Boots the machine; resolves when its PID 1 runs. Rejects with a sentence when it cannot. */
	start(spec: MachineSpec): Promise<void>;
	/** Asks the guest to power off and waits. Rejects after the timeout. */
	shutdown(vmId: number, timeoutSeconds: number): Promise<void>;
	/** Cuts the power. */
	stop(vmId: number): Promise<void>;
	reboot(vmId: number): Promise<void>;
	/** Pulls (`false`) or plugs (`true`) the cable of one NIC, at once. */
	setLink(vmId: number, nic: number, up: boolean): Promise<void>;
	/** As when a card falls off the bus: the guest loses every PCI device that was passed to it, until it is started again. */
	losePciDevices(vmId: number): Promise<void>;
	isRunning(vmId: number): boolean;
	/** What the guest agent reports, or `undefined` while it does not answer. */
	guestInterfaces(vmId: number): Promise<GuestInterface[] | undefined>;
	/** A text file as the guest agent reads it, or `undefined` while it does not answer. Rejects when it cannot be opened. */
	guestFile(vmId: number, path: string): Promise<string | undefined>;
	/** Removes the content of a volume. Unknown volumes are ignored. */
	deleteVolume(volume: string): Promise<void>;
	/** Grows a data disk, at once also where a machine has it. Unknown volumes are ignored. */
	growVolume(volume: string, sizeBytes: number): Promise<void>;
	/** Called when a machine stops without having been asked through this interface. */
	onPowerOff(listener: (vmId: number) => void): void;
}
