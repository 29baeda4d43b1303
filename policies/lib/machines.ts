/** Virtual machines among the resources of a program. */
import type { Resource } from "./rule.ts";

/** The parts of a machine that rules read: those that the program writes, known at preview. */
export interface Machine {
	name?: string;
	vmId?: number;
	nodeName?: string;
	tags?: string[];
	machine?: string;
	bios?: string;
	onBoot?: boolean;
	protection?: boolean;
	efiDisk?: { type?: string; preEnrolledKeys?: boolean };
	memory?: { dedicated?: number; floating?: number };
	networkDevices?: { vlanId?: number; firewall?: boolean; macAddress?: string }[];
	hostpcis?: { device?: string; id?: string; mapping?: string }[];
	initialization?: {
		userAccount?: { password?: string; keys?: unknown[] };
		userDataFileId?: string;
		ipConfigs?: { ipv4?: { address?: string } }[];
	};
}

/** The machine that a resource declares, if it declares one. */
export function machineOf({ type, props }: Resource): Machine | undefined {
	return type === "proxmoxve:index/vmLegacy:VmLegacy" ? (props as Machine) : undefined;
}
