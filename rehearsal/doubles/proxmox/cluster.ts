import type { HostDescription, ProxmoxVersion } from "./descriptions.ts";
import type { Pools } from "./pools.ts";
import { summaryOf, type Vms } from "./qemu/vm.ts";
import { invalidParameters } from "./server/errors.ts";
import type { Route } from "./server/router.ts";
import { MiB } from "./sizes.ts";

/** Version that the double reports, by major version. */
export const releases = { 8: "8.4.5", 9: "9.2.6" } as const;

/** Routes of the whole cluster: its version, its hosts, and the host of each VM. */
export function clusterRoutes(version: ProxmoxVersion, hosts: HostDescription[], vms: Vms, pools: Pools): Route[] {
	return [
		{
			method: "GET",
			path: "/version",
			handle: () => ({
				version: releases[version],
				release: releases[version].slice(0, 3),
				repoid: "0123456789abcdef",
			}),
		},
		{
			method: "GET",
			path: "/nodes",
			// The size of a host is only for those who may audit it (PVE/API2Tools.pm, extract_node_stats).
			handle: ({ access }) =>
				hosts.map((host) => ({
					node: host.name,
					id: `node/${host.name}`,
					type: "node",
					status: host.offline ? "offline" : "online",
					...(access.has(`/nodes/${host.name}`, "Sys.Audit") &&
						!host.offline && { maxcpu: host.cpus, maxmem: host.memoryMiB * MiB }),
				})),
		},
		{
			method: "GET",
			path: "/cluster/nextid",
			handle({ parameters }) {
				const wanted = parameters.optional("vmid");
				if (wanted !== undefined && vms.find(Number(wanted)) !== undefined) {
					invalidParameters({ vmid: `VM ${wanted} already exists` });
				}
				const taken = new Set(vms.all().map(({ id }) => id));
				let free = 100;
				while (taken.has(free)) {
					free += 1;
				}
				return wanted ?? String(free);
			},
		},
		{
			method: "GET",
			path: "/cluster/resources",
			handle({ access, parameters }) {
				const type = parameters.optional("type");
				if (type !== "vm") {
					invalidParameters({ type: "only 'vm' is part of this double" });
				}
				return vms
					.all()
					.filter((vm) => access.has(`/vms/${vm.id}`, "VM.Audit"))
					.map((vm) => ({
						...summaryOf(vm),
						id: `qemu/${vm.id}`,
						type: "qemu",
						node: vm.host,
						pool: pools.poolOf(vm.id),
					}));
			},
		},
	];
}
