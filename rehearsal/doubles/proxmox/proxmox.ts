import type { Server } from "node:https";
import { accessOf } from "./auth/access.ts";
import { permissionRoutes } from "./auth/routes.ts";
import { authenticate, forgetPath } from "./auth/tokens.ts";
import { type BackupJob, BackupJobs, backupRoutes } from "./backup-jobs.ts";
import { clusterRoutes } from "./cluster.ts";
import type {
	CatalogueEntry,
	HostDescription,
	PciMappingDescription,
	ProxmoxVersion,
	TokenDescription,
} from "./descriptions.ts";
import { type HaResource, HighAvailability } from "./ha/high-availability.ts";
import { haRoutes } from "./ha/routes.ts";
import type { HaRule } from "./ha/rules.ts";
import { hostRoutes } from "./host-routes.ts";
import type { Hypervisor } from "./hypervisor.ts";
import { mappingRoutes, PciMappings } from "./mapping.ts";
import { Pools, poolRoutes } from "./pools.ts";
import { firewallRoutes } from "./qemu/firewall.ts";
import { volumeKey } from "./qemu/machine-spec.ts";
import { markStopped } from "./qemu/power.ts";
import { powerRoutes } from "./qemu/power-routes.ts";
import { qemuRoutes } from "./qemu/routes.ts";
import { snapshotRoutes } from "./qemu/snapshots.ts";
import { displayedConfiguration, type Snapshot, Vms } from "./qemu/vm.ts";
import { displayedFirewall, type FirewallRule } from "./qemu/vm-firewall.ts";
import { ApiError, die } from "./server/errors.ts";
import { type Faults, PendingFaults } from "./server/faults.ts";
import type { RecordedRequest } from "./server/request-log.ts";
import { createRouter, type Router } from "./server/router.ts";
import { createApiServer } from "./server/wire.ts";
import { imageRoutes } from "./storage/images.ts";
import { storageRoutes } from "./storage/routes.ts";
import { type Volume, Volumes } from "./storage/volumes.ts";
import { type TaskDelays, Tasks, taskRoutes } from "./tasks.ts";

export interface ProxmoxOptions {
	/** Default 9. */
	version?: ProxmoxVersion;
	hosts: HostDescription[];
	tokens: TokenDescription[];
	/** Files that the hosts can download. */
	catalogue: CatalogueEntry[];
	/** Resource mappings that were made by hand. */
	mappings: PciMappingDescription[];
	/** Pools that were made by hand. Default: none. */
	pools?: string[];
	hypervisor: Hypervisor;
	/** Milliseconds before a task acts, by type. Default: 100. */
	taskDelays?: TaskDelays;
}

export interface ProxmoxState {
	vms: {
		vmId: number;
		host: string;
		status: "stopped" | "running";
		/** Configuration of the running machine. */
		current: Record<string, string | number>;
		/** Configuration with the pending changes. */
		configuration: Record<string, string | number>;
		/** By name, the oldest first. */
		snapshots: Record<string, Snapshot>;
		firewall: { options: Record<string, string>; sets: Record<string, string[]>; rules: FirewallRule[] };
	}[];
	volumes: Volume[];
	/** VM ids by pool. */
	pools: Record<string, number[]>;
	backupJobs: Record<string, BackupJob>;
	highAvailability: { resources: Record<string, HaResource>; rules: Record<string, HaRule> };
	/** UPIDs of tasks that have not ended. */
	runningTasks: string[];
}

/** A Proxmox VE cluster as its API presents it. */
export interface Proxmox {
	/** Serves `https://address:port/api2/json`. Port 0 means any free port. Resolves to the port. */
	listen(options: { address: string; port: number; key: string; cert: string }): Promise<number>;
	/** Ends every connection and waits for running tasks. The hypervisor's machines continue to run. */
	close(): Promise<void>;
	state(): ProxmoxState;
	/** Every request so far, the oldest first, with secrets redacted. */
	readonly requests: RecordedRequest[];
	readonly faults: Faults;
}

export function createProxmox(options: ProxmoxOptions): Proxmox {
	const { version = 9, hosts, hypervisor, catalogue } = options;
	const tokens = structuredClone(options.tokens);
	const pending = new PendingFaults();
	const requests: RecordedRequest[] = [];
	const vms = new Vms();
	const volumes = new Volumes(hosts, (volume) => hypervisor.deleteVolume(volumeKey(volume)));
	const mappings = new PciMappings(options.mappings);
	const pools = new Pools(options.pools ?? []);
	const backupJobs = new BackupJobs();
	const highAvailability = new HighAvailability(hosts.map(({ name }) => name));
	const tasks = new Tasks(options.taskDelays ?? {}, pending);
	const qemu = {
		version,
		hosts,
		vms,
		volumes,
		mappings,
		pools,
		tasks,
		hypervisor,
		highAvailability,
		forgetVm(vmId: number, { purge }: { purge: boolean }) {
			pools.remove(vmId);
			forgetPath(tokens, `/vms/${vmId}`);
			if (!purge) {
				return;
			}
			backupJobs.forgetVm(vmId);
			if (highAvailability.manages(vmId)) {
				highAvailability.removeResource(`vm:${vmId}`, true);
			}
		},
	};

	hypervisor.onPowerOff((vmId) => {
		const vm = vms.find(vmId);
		if (vm !== undefined) {
			markStopped(vm);
		}
	});

	const route = onKnownHosts(
		hosts,
		createRouter([
			...clusterRoutes(version, hosts, vms, pools),
			...poolRoutes(pools, vms, (pool) => forgetPath(tokens, `/pool/${pool}`)),
			...backupRoutes(backupJobs),
			...haRoutes(version, highAvailability, vms),
			...mappingRoutes(mappings, hosts),
			...permissionRoutes,
			...hostRoutes(hosts),
			...taskRoutes(tasks),
			...imageRoutes(volumes, tasks, catalogue),
			...storageRoutes(volumes, tasks),
			...qemuRoutes(qemu),
			...powerRoutes(qemu),
			...snapshotRoutes(qemu),
			...firewallRoutes(vms),
		]),
	);

	let server: Server | undefined;
	return {
		requests,
		faults: {
			reply: (fault) => pending.addRequest(fault),
			disconnect: (match) => pending.addRequest(match),
			failTask: (fault) => pending.addTask(fault),
			lock(vmId) {
				const vm = vms.find(vmId) ?? die(`no VM ${vmId} to lock`);
				vm.lock = "backup";
			},
			clear() {
				pending.clear();
				for (const vm of vms.all()) {
					if (vm.lock === "backup") {
						vm.lock = undefined;
					}
				}
			},
		},
		listen({ address, port, key, cert }) {
			const authenticated = (authorization: string | undefined) =>
				accessOf(authenticate(tokens, authorization), (vmId) => pools.poolOf(Number(vmId)));
			const listening = createApiServer({ key, cert, route, authenticate: authenticated, faults: pending, requests });
			server = listening;
			return new Promise((resolve, reject) => {
				listening.once("error", reject);
				listening.listen(port, address, () => {
					const bound = listening.address();
					resolve(typeof bound === "object" && bound !== null ? bound.port : port);
				});
			});
		},
		async close() {
			await tasks.ended();
			const closing = server;
			server = undefined;
			if (closing === undefined) {
				return;
			}
			closing.closeAllConnections();
			await new Promise((resolve) => closing.close(resolve));
		},
		state: () => ({
			vms: vms.all().map((vm) => ({
				vmId: vm.id,
				host: vm.host,
				status: vm.status,
				current: displayedConfiguration(vm, true),
				configuration: displayedConfiguration(vm, false),
				snapshots: Object.fromEntries(structuredClone([...vm.snapshots])),
				firewall: displayedFirewall(vm.firewall),
			})),
			volumes: volumes.all(),
			pools: Object.fromEntries(pools.all().map((pool) => [pool, pools.membersOf(pool)])),
			backupJobs: backupJobs.all(),
			highAvailability: highAvailability.all(),
			runningTasks: tasks.running(),
		}),
	};
}

/** Fails requests for hosts that are not in the cluster, as Proxmox fails to forward them. */
function onKnownHosts(hosts: HostDescription[], route: Router): Router {
	return (method, path, parameters) => {
		const host = /^\/nodes\/([^/]+)\//.exec(path)?.[1];
		if (host !== undefined && !hosts.some(({ name }) => name === host)) {
			die(`hostname lookup '${host}' failed - failed to get address info for: ${host}: Name or service not known`);
		}
		if (hosts.some(({ name, offline }) => name === host && offline)) {
			throw new ApiError(595, "No route to host");
		}
		return route(method, path, parameters);
	};
}
