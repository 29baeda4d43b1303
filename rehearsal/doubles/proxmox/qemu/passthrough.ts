import type { HostDescription, PciDevice } from "../descriptions.ts";
import type { PciMappings } from "../mapping.ts";
import { parseProperties } from "../properties.ts";
import type { Vm } from "./vm.ts";

/**
 * Chooses the devices for a VM's `hostpciN`, as its host does when the VM starts. Throws when the host has no device, when
 * the device differs from the mapping, and when another running VM has it.
 */
export function chooseDevices(vm: Vm, host: HostDescription, mappings: PciMappings, others: Vm[]): PciDevice[] {
	const chosen: PciDevice[] = [];
	for (const [option, value] of Object.entries(vm.configuration)) {
		if (!/^hostpci\d+$/.test(option)) {
			continue;
		}
		const { mapping = "", pcie } = parseProperties(value, "host");
		if (pcie === "1" && !vm.configuration.machine?.includes("q35")) {
			throw new Error("q35 machine model is not enabled");
		}

		const alternatives = mappings.devicesOn(host, mapping);
		const holderOf = (device: PciDevice): Vm | undefined =>
			others.find(
				(other) => other.host === vm.host && other.reservation?.devices.some(({ path }) => path === device.path),
			);
		const free = alternatives.find((device) => !chosen.includes(device) && holderOf(device) === undefined);
		if (free !== undefined) {
			chosen.push(free);
			continue;
		}
		const only = alternatives.length === 1 ? alternatives[0] : undefined;
		if (only === undefined) {
			throw new Error(`could not find a free device for '${option}'`);
		}
		if (chosen.includes(only)) {
			throw new Error(`device '${only.path}' assigned more than once`);
		}
		throw new Error(`PCI device '${only.path}' already in use by VMID '${holderOf(only)?.id}'`);
	}
	return chosen;
}
