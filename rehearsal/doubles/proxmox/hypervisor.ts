/**
 * The interface between the Proxmox double, which consumes it, and the doubles of its VMs (doubles/machines). The Proxmox
 * double does not depend on containers, and the machines do not depend on HTTP.
 */

export interface MachineNic {
	/** Proxmox bridge, e.g. `vmbr0`. */
	bridge: string;
	/** VLAN tag; absent means untagged. Machines with different tags cannot reach each other. */
	tag?: number;
	/** Colon-separated MAC address, upper case, as Proxmox stores it. */
	mac: string;
	/** Whether the cable is pulled (Proxmox `link_down=1`). */
	linkDown: boolean;
}

/** The part of Proxmox' cloud-init configuration that a Linux guest uses. */
export interface CloudInit {
	hostname: string;
	user?: string;
	/** OpenSSH public keys, one per entry. */
	sshKeys: string[];
	/** One per NIC, in order: `10.25.20.4/24`. */
	addresses: { cidr: string; gateway?: string }[];
	nameservers: string[];
	searchDomain?: string;
	/** Whether the guest upgrades every package after its first boot. */
	upgradesPackages: boolean;
}

/** A disk that is blank at first. Its content belongs to the volume. */
interface DataDisk {
	/** The disk's serial number in the guest. */
	serial: string;
	/** The disk's device id, from which the guest's `/dev/disk/by-id` names it. It may differ from the serial number. */
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
	/** Size of the system disk. */
	systemBytes: number;
	nics: MachineNic[];
	cloudInit: CloudInit;
	/** Identity of the system disk's content. A machine with a known volume boots from its old disk, another one from the image. */
	systemVolume: string;
	/** Disks besides the system disk. The guest gets only disks with a serial number. */
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
	/** Boots the machine and resolves when its PID 1 runs. Rejects with a sentence when the boot fails. */
	start(spec: MachineSpec): Promise<void>;
	/** Asks the guest to power off and waits for it. Rejects after the timeout. */
	shutdown(vmId: number, timeoutSeconds: number): Promise<void>;
	/** Cuts the power. */
	stop(vmId: number): Promise<void>;
	reboot(vmId: number): Promise<void>;
	/** Plugs in (`true`) or pulls (`false`) the cable of one NIC, at once. */
	setLink(vmId: number, nic: number, up: boolean): Promise<void>;
	/** The guest loses every PCI device that was passed to it until its next start, as when a GPU falls off the bus. */
	losePciDevices(vmId: number): Promise<void>;
	isRunning(vmId: number): boolean;
	/** The network interfaces that the guest agent reports, or `undefined` while it does not answer. */
	guestInterfaces(vmId: number): Promise<GuestInterface[] | undefined>;
	/** A text file that the guest agent reads, or `undefined` while it does not answer. Rejects when it cannot open the file. */
	guestFile(vmId: number, path: string): Promise<string | undefined>;
	/** Removes the content of a volume. Unknown volumes are ignored. */
	deleteVolume(volume: string): Promise<void>;
	/** Grows a data disk, also at once in a running machine. Unknown volumes are ignored. */
	growVolume(volume: string, sizeBytes: number): Promise<void>;
	/** Registers a listener for machines that stop without a call of this interface. */
	onPowerOff(listener: (vmId: number) => void): void;
}
