/** Faults of a lab, each with its end. */
import type { DatacenterFault } from "../../datacenter/control.ts";
import type { ScenarioCluster } from "../support/cluster.ts";
import { servers, workers } from "../support/cluster.ts";

/** Ends the fault. */
export type Mend = () => Promise<unknown>;

export interface Fault {
	/** Follows "while", in the words of an administrator. */
	name: string;
	/** @param node the node of the step at which it begins */
	begin(cluster: ScenarioCluster, node: string): Promise<Mend>;
	/** It ends after this time, although the operation may still run. Default: it ends with the operation. */
	seconds?: number;
}

/** What happens to the machine on which a step runs. */
export const faultsOfMachines: readonly Fault[] = [
	{
		name: "its machine reboots",
		async begin(cluster, node) {
			await cluster.power(node, "reboot");
			return async () => undefined;
		},
	},
	{
		name: "its machine has no power",
		seconds: 15,
		async begin(cluster, node) {
			await cluster.power(node, "stop");
			return () => cluster.power(node, "start");
		},
	},
	{ name: "its network is away", seconds: 15, begin: cutOff },
	{
		name: "its SSH sessions end",
		async begin({ rehearsal }, node) {
			// It ends its own session too.
			await rehearsal.onNode(node, "sh -c 'kill $(pidof sshd-session sshd-auth || pidof sshd)'").catch(() => "");
			return async () => undefined;
		},
	},
	{
		name: "its RKE2 is killed",
		async begin({ rehearsal }, node) {
			const unit = servers.includes(node) ? "rke2-server" : "rke2-agent";
			await rehearsal.onNode(node, `systemctl kill --kill-whom=main --signal=KILL ${unit}`).catch(() => "");
			return async () => undefined;
		},
	},
];

/** What happens to another server meanwhile. */
export const faultsOfAnotherServer: readonly Fault[] = [
	{ name: "etcd hangs on another server", begin: (cluster, node) => hang(cluster, otherServer(node), "etcd") },
	{
		name: "the API server hangs on another server",
		begin: (cluster, node) => hang(cluster, otherServer(node), "kube-apiserver"),
	},
	{ name: "another server is cut off", begin: (cluster, node) => cutOff(cluster, otherServer(node)) },
	{
		name: "another machine takes the API's address",
		seconds: 20,
		async begin({ rehearsal }, node) {
			const thief = workers.find((worker) => worker !== node)!;
			const address = `${rehearsal.stack.cluster.api.address}/32 dev lo`;
			await rehearsal.onNode(thief, `ip address add ${address}`);
			return () => rehearsal.onNode(thief, `ip address del ${address}`);
		},
	},
];

/** What the mirror of the releases answers. */
export const faultsOfTheMirror: readonly Fault[] = (["missing", "altered", "stalled"] as const).map((fault) => ({
	name: `the mirror's release is ${fault}`,
	begin: (cluster) =>
		inject(cluster, { kind: "mirror", path: `/artifacts/${cluster.version}/rke2.linux-amd64.tar.gz`, fault }),
}));

/** What Proxmox answers. */
export const faultsOfProxmox: readonly Fault[] = [
	...["qmdestroy", "qmcreate", "qmstart", "resize"].map((type) => ({
		name: `Proxmox's task ${type} fails`,
		begin: (cluster: ScenarioCluster) => inject(cluster, { kind: "fail task", type, message: "storage is not online" }),
	})),
	...[
		{ status: 401, message: "no such token" },
		{ status: 500, message: "got no worker upid" },
		{ status: 595, message: "no route to host" },
	].map((reply) => ({
		name: `Proxmox answers ${reply.status}`,
		begin: (cluster: ScenarioCluster) => inject(cluster, { kind: "reply", path: "/qemu", times: 100, ...reply }),
	})),
	{
		name: "Proxmox closes each connection",
		begin: (cluster) => inject(cluster, { kind: "disconnect", path: "/qemu", times: 100 }),
	},
	{
		name: "a backup locks the machine",
		begin: (cluster, node) => inject(cluster, { kind: "lock", vmId: cluster.rehearsal.stack.nodes[node]!.vmId }),
	},
];

function otherServer(node: string): string {
	return servers.find((server) => server !== node)!;
}

async function cutOff({ rehearsal }: ScenarioCluster, node: string): Promise<Mend> {
	const { vmId } = rehearsal.stack.nodes[node]!;
	const link = (up: boolean) => rehearsal.datacenter.injectFault({ kind: "link", vmId, up });
	await link(false);
	return () => link(true);
}

async function hang(cluster: ScenarioCluster, node: string, program: string): Promise<Mend> {
	await cluster.signal(node, "STOP", program);
	return () => cluster.signal(node, "CONT", program);
}

async function inject({ rehearsal }: ScenarioCluster, fault: DatacenterFault): Promise<Mend> {
	await rehearsal.datacenter.injectFault(fault);
	return () => rehearsal.datacenter.injectFault({ kind: "clear" });
}
