/** Changes of the lab's machines, for the examples of rules. */
import { firewallName, firewallRulesName } from "../../../src/facts/resource-names.ts";
import { rulesType } from "../vm/firewalls.ts";
import { virtualMachine } from "../vm/machines.ts";
import { addResource, type Change, editResource } from "./resources.ts";

/** Inputs of a machine as the program declares them, for an example that changes one member of theirs. */
export const networkDevice = { bridge: "vmbr0", vlanId: 20, model: "virtio", firewall: true };
export const gpuDevice = { device: "hostpci0", pcie: true, rombar: true, xvga: false };

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

/** Changes members of what cloud-init gives to one machine; the others stay. */
export function editCloudInit(name: string, changes: Record<string, unknown>): Change {
	return editResource(virtualMachine, name, (props) => ({
		...props,
		initialization: { ...(props.initialization as object), ...changes },
	}));
}

/** Changes members of the account that cloud-init makes on one machine; the others stay. */
export function editAccount(name: string, changes: Record<string, unknown>): Change {
	return editResource(virtualMachine, name, (props) => {
		const { userAccount, ...others } = props.initialization as { userAccount: object };
		return { ...props, initialization: { ...others, userAccount: { ...userAccount, ...changes } } };
	});
}

/** Gives the firewall of every machine the same rules. */
export function addFirewallRules(...rules: Record<string, unknown>[]): Change {
	return (resources) => [
		...resources,
		...resources
			.filter(({ type }) => type === virtualMachine)
			.flatMap(({ name, props: { nodeName, vmId } }) =>
				addResource(rulesType, firewallRulesName(firewallName(name)), { nodeName, vmId, rules })([]),
			),
	];
}
