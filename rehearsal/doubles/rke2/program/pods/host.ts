/** The machine of the pods. */
export interface Host {
	node: string;
	/** `vendor:device` of each PCI device that was passed to the machine. */
	pciDevices(): string[];
	/** Directories of the container network: its configuration, and the addresses in use with one directory for each network. */
	cni: { configuration: string; networks: string };
}
