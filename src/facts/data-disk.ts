/** Second disk of a worker, which holds the local volumes. */
export const dataDisk = {
	/** Serial number in Proxmox. The guest finds the disk by it, because the order of disks may change. */
	serial: "rke2-data",
	/** Where the node mounts it. */
	directory: "/mnt/data",
} as const;
