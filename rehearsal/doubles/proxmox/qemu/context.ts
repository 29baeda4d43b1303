import type { HostDescription, ProxmoxVersion } from "../descriptions.ts";
import type { HighAvailability } from "../ha/high-availability.ts";
import type { Hypervisor } from "../hypervisor.ts";
import type { PciMappings } from "../mapping.ts";
import type { Pools } from "../pools.ts";
import type { Volumes } from "../storage/volumes.ts";
import type { Tasks } from "../tasks.ts";
import type { Vms } from "./vm.ts";

/** Data of the API's VM routes. */
export interface QemuContext {
	version: ProxmoxVersion;
	hosts: HostDescription[];
	vms: Vms;
	volumes: Volumes;
	mappings: PciMappings;
	pools: Pools;
	tasks: Tasks;
	hypervisor: Hypervisor;
	highAvailability: HighAvailability;
	/** Removes a VM from pools and the access control list, and with `purge` from backup jobs and high availability. */
	forgetVm(vmId: number, options: { purge: boolean }): void;
}
