/** The machine that the pods are on. */
export interface Host {
	node: string;
	/** `vendor:device` of the PCI devices that were passed to it. */
	pciDevices(): string[];
}
