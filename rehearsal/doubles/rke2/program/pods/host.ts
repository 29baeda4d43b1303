/** The machine that the pods are on. */
export interface Host {
	node: string;
	/** `vendor:device` of the PCI devices that were passed to it. */
	pciDevices(): string[];
	/** Directories of the container network: its configuration, and one directory a network for the addresses in use. */
	cni: { configuration: string; networks: string };
}
