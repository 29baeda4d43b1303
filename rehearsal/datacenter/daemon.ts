/**
 * The datacenter as a process inside its own network: Proxmox API, mirrors, name servers and machines. It reads its
 * description from the file named on its command line, sends "ready" over IPC and ends on SIGTERM. The machines, the name
 * servers and the store of snapshots continue after it: `destroyRun` ends everything that the run started.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { NspawnHypervisor } from "../doubles/machines/nspawn-hypervisor.ts";
import { balanceControlPlanes } from "../doubles/network/load-balancer.ts";
import { createMirror, type MirrorFault } from "../doubles/network/mirror.ts";
import { serveNames } from "../doubles/network/names.ts";
import { openNetwork } from "../doubles/network/network.ts";
import { type SnapshotStoreAccess, serveSnapshotStore } from "../doubles/network/snapshot-store.ts";
import type { ServerCertificate } from "../doubles/proxmox/certificate.ts";
import { createProxmox } from "../doubles/proxmox/proxmox.ts";
import { joinRun } from "../run/control-group.ts";
import { type Run, snapshotStoreDirectory } from "../run/run.ts";
import type { Toolbox } from "../setup/toolbox.ts";
import { serveControl } from "./control.ts";
import type { DatacenterDescription } from "./description.ts";
import type { NetworkServices } from "./network-services.ts";

export interface DaemonDescription {
	run: Run;
	toolbox: Toolbox;
	datacenter: DatacenterDescription;
	services: NetworkServices;
	/** Address of the Proxmox API. */
	proxmox: { address: string; port: number; certificate: Pick<ServerCertificate, "key" | "cert"> };
	/** Address of the mirrors, and the directories that they serve. */
	mirror: { address: string; port: number; artifacts: string; charts: string };
	snapshotStore: SnapshotStoreAccess;
	/** Unix socket for {@link serveControl}. */
	controlSocket: string;
}

const [path = ""] = process.argv.slice(2);
const { run, toolbox, datacenter, services, proxmox, mirror, snapshotStore, controlSocket }: DaemonDescription =
	JSON.parse(await readFile(path, "utf8"));

await joinRun(run);
const machines = new NspawnHypervisor({ run, toolbox, network: openNetwork(run) });
const api = createProxmox({
	version: datacenter.version,
	hosts: datacenter.hosts,
	tokens: [datacenter.token],
	catalogue: datacenter.catalogue,
	mappings: datacenter.mappings,
	hypervisor: machines,
});
const mirrorFaults = new Map<string, MirrorFault>();
const mirrors = createMirror({ artifacts: mirror.artifacts, charts: mirror.charts, faults: mirrorFaults });
await api.listen({ address: proxmox.address, port: proxmox.port, ...proxmox.certificate });
await mirrors.listen(mirror.address, mirror.port);
await serveNames(services.names, `${run.directory}/hosts`);
if (services.loadBalancer) {
	await balanceControlPlanes(services.loadBalancer);
}
if (services.snapshotStore) {
	const program = join(toolbox.binaries, "versitygw");
	await serveSnapshotStore(program, snapshotStoreDirectory(run), services.snapshotStore, snapshotStore);
}
const control = await serveControl(controlSocket, { proxmox: api, mirrorFaults, machines });

process.once("SIGTERM", async () => {
	control.close();
	await Promise.all([api.close(), mirrors.close()]);
	process.exit();
});
process.send?.("ready");
