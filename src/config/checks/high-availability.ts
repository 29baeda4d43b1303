/** Rules for VMs that Proxmox may start on another host. */
import type { Problem } from "../read/problems.ts";
import type { StackConfig } from "../schema/stack.ts";

export function checkHighAvailability({ proxmox, nodes }: StackConfig): Problem[] {
	if (!proxmox.highAvailability) {
		return [];
	}
	const key = "proxmox.highAvailability";
	const hosts = Object.keys(proxmox.hosts).length;
	const apart = Object.values(nodes).filter(({ role, gpu }) => role === "control-plane" && !gpu).length;
	return [
		...(proxmox.version < 9
			? [
					{
						key,
						message: `needs Proxmox VE 9, and proxmox.version is ${proxmox.version}: the groups of version ${proxmox.version} keep no control planes apart.`,
					},
				]
			: []),
		...(proxmox.sharedVmDatastore
			? []
			: [
					{
						key,
						message: `needs disks that every host reaches: a VM with a disk in ${proxmox.vmDatastore} of one host cannot start on another. Set proxmox.sharedVmDatastore: true when all hosts share vmDatastore.`,
					},
				]),
		...(apart > hosts
			? [
					{
						key,
						message: `keeps ${apart} control planes on different hosts, and proxmox.hosts has ${hosts}; the others would not start.`,
					},
				]
			: []),
	];
}
