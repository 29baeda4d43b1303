/** The placement of machines on Proxmox hosts. */

import type { Resource } from "../rules/resource.ts";
import { machineOf, rolesOf } from "./machines.ts";

/** The control planes of each Proxmox host that runs one. */
export function controlPlanesByHost(resources: readonly Resource[]): Map<string, Resource[]> {
	const byHost = new Map<string, Resource[]>();
	for (const resource of resources) {
		const machine = machineOf(resource);
		if (machine?.nodeName !== undefined && machine.tags?.includes("control-plane")) {
			byHost.set(machine.nodeName, [...(byHost.get(machine.nodeName) ?? []), resource]);
		}
	}
	return byHost;
}

/** The Proxmox hosts that run workers and no control plane. */
export function hostsWithoutControlPlane(resources: readonly Resource[]): string[] {
	const hosts = resources.flatMap((resource) => {
		const machine = machineOf(resource);
		return machine?.nodeName !== undefined && rolesOf(machine).length > 0 ? [machine.nodeName] : [];
	});
	const taken = controlPlanesByHost(resources);
	return [...new Set(hosts)].filter((host) => !taken.has(host));
}
