/** Changes of the lab's machines, for the examples of rules. */
import { virtualMachine } from "../vm/machines.ts";
import { type Change, editResource } from "./resources.ts";

/** Inputs of a machine as the program declares them, for an example that changes one member of theirs. */
export const networkDevice = { bridge: "vmbr0", vlanId: 20, model: "virtio", firewall: true };
export const gpuDevice = { device: "hostpci0", pcie: true, rombar: true, xvga: false };
export const userAccount = { username: "ops", keys: ["ssh-ed25519 AAAA"] };

export function editMachine(name: string, changes: Record<string, unknown>): Change {
	return editResource(virtualMachine, name, (props) => ({ ...props, ...changes }));
}

/** @param names of the machines that are changed */
export function editMachines(names: RegExp, changes: Record<string, unknown>): Change {
	return (resources) =>
		resources.map((resource) =>
			resource.type === virtualMachine && names.test(resource.name)
				? { ...resource, props: { ...resource.props, ...changes } }
				: resource,
		);
}
