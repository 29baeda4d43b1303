/** The storage of a data disk, and its division into local volumes. */
import type { NodeConfig, StackConfig } from "../schema/stack.ts";

/** ext4 uses less than 2 % for its inodes and at most 1 GiB for its journal; the rest is reserve. */
const usableShare = 0.95;

/** Volumes of `platform.storage.volumeGiB` that fit on the data disk of a node; 0 without one. */
export function localVolumeCount({ platform }: Pick<StackConfig, "platform">, { dataDiskGiB = 0 }: NodeConfig): number {
	return Math.floor((dataDiskGiB * usableShare) / platform.storage.volumeGiB);
}

/** Storage in Proxmox for the data disks. */
export function dataDatastore({ proxmox }: Pick<StackConfig, "proxmox">): string {
	return proxmox.dataDatastore ?? proxmox.vmDatastore;
}
