/** Virtual machines among the resources of a program. */
import type { Resource } from "../rules/resource.ts";

/** The type of resource with which the program makes machines. */
export const virtualMachine = "proxmoxve:index/vmLegacy:VmLegacy";

/** The parts of a machine that rules read: those that the program writes, known at preview. */
export interface Machine {
	name?: string;
	vmId?: number;
	nodeName?: string;
	tags?: string[];
	machine?: string;
	bios?: string;
	scsiHardware?: string;
	operatingSystem?: { type?: string };
	agent?: { enabled?: boolean; type?: string };
	bootOrders?: string[];
	clone?: object;
	cpu?: { type?: string; flags?: string[] };
	onBoot?: boolean;
	started?: boolean;
	protection?: boolean;
	efiDisk?: { type?: string; preEnrolledKeys?: boolean };
	memory?: { dedicated?: number; floating?: number };
	kvmArguments?: string;
	hookScriptFileId?: string;
	cdrom?: { fileId?: string };
	disks?: { interface?: string; datastoreId?: string; fileId?: string; importFrom?: string }[];
	networkDevices?: {
		bridge?: string;
		vlanId?: number;
		trunks?: string;
		firewall?: boolean;
		macAddress?: string;
		model?: string;
		mtu?: number;
	}[];
	hostpcis?: { device?: string; id?: string; mapping?: string }[];
	initialization?: {
		userAccount?: { username?: string; password?: string; keys?: unknown[] };
		dns?: { servers?: string[]; domain?: string };
		userDataFileId?: string;
		vendorDataFileId?: string;
		metaDataFileId?: string;
		networkDataFileId?: string;
		ipConfigs?: { ipv4?: { address?: string; gateway?: string }; ipv6?: { address?: string } }[];
	};
}

/** The machine that a resource declares, if it declares one. */
export function machineOf({ type, props }: Resource): Machine | undefined {
	return type === virtualMachine ? (props as Machine) : undefined;
}

/** Other types of the provider that make machines or containers; they have other inputs. */
export const otherMachineTypes: readonly string[] = [
	"proxmoxve:index/vm:Vm",
	"proxmoxve:index/vm2Legacy:Vm2Legacy",
	"proxmoxve:cloned/vm:Vm",
	"proxmoxve:cloned/vmLegacy:VmLegacy",
	"proxmoxve:index/containerLegacy:ContainerLegacy",
];

export const machineRoles = ["control-plane", "worker"] as const;
export type MachineRole = (typeof machineRoles)[number];

/** The roles in the cluster that a machine is tagged with. */
export function rolesOf({ tags }: Machine): MachineRole[] {
	return Array.isArray(tags) ? machineRoles.filter((role) => tags.includes(role)) : [];
}

/** The IPv4 addresses that cloud-init gives to a machine, without the prefix. */
export function addressesOf({ initialization }: Machine): string[] {
	return (initialization?.ipConfigs ?? []).flatMap(({ ipv4 }) => ipv4?.address?.split("/")[0] ?? []);
}
