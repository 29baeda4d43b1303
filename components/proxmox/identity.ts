import type { VmLegacy } from "@muhlba91/pulumi-proxmoxve/vmLegacy.js";
import type * as pulumi from "@pulumi/pulumi";

/**
 * A text that a VM keeps for its life, and that no other VM has, whatever made the VM anew: the program, or a refresh after somebody
 * deleted the VM by hand. It is the MAC address, which Proxmox draws for each VM. The id of a VM is in the stack file.
 */
export function identityOf({ networkDevices }: VmLegacy): pulumi.Output<string> {
	return networkDevices.apply((devices) => devices?.[0]?.macAddress ?? "");
}
