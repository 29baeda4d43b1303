/** Control of the running datacenter from outside its network, over a Unix socket: its inventory, and faults on request. */
import { createServer, request, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { MirrorFault } from "../doubles/network/mirror.ts";
import type { Hypervisor } from "../doubles/proxmox/hypervisor.ts";
import type { Proxmox } from "../doubles/proxmox/proxmox.ts";
import type { ReplyFault, TaskFault } from "../doubles/proxmox/server/faults.ts";

/** A fault as JSON: a regular expression is sent as its source text. */
export type DatacenterFault =
	| ({ kind: "reply" } & Omit<ReplyFault, "path"> & { path: string })
	| { kind: "disconnect"; path: string; times?: number }
	| ({ kind: "fail task" } & TaskFault)
	| { kind: "lock"; vmId: number }
	| { kind: "mirror"; path: string; fault: MirrorFault }
	| { kind: "link"; vmId: number; up: boolean }
	/** The guest loses the GPUs that were passed to it. */
	| { kind: "gpus"; vmId: number }
	/** Removes every fault that has not happened yet, and releases the locks. */
	| { kind: "clear" };

/** Number of objects that the Proxmox double has. */
export interface Inventory {
	vms: number;
	volumes: number;
}

const changesPath = "/changes";
const snapshotsPath = "/snapshots";

interface ControlledParts {
	proxmox: Proxmox;
	/** Faults of the mirror by decoded URL path. The mirror reads them at every request. */
	mirrorFaults: Map<string, MirrorFault>;
	machines: Hypervisor;
}

export async function serveControl(socket: string, parts: ControlledParts): Promise<Server> {
	const server = createServer(async (incoming, response) => {
		try {
			const answer =
				incoming.method === "POST"
					? await inject(parts, JSON.parse(await text(incoming)))
					: await about(parts.proxmox, incoming.url);
			response.end(JSON.stringify(answer));
		} catch (error) {
			response.writeHead(500).end(String(error));
		}
	});
	await new Promise<void>((resolve, reject) => server.once("error", reject).listen(socket, resolve));
	return server;
}

/** Waits until the running tasks of the Proxmox double have ended, for example the deletion of an image. */
export function fetchInventory(socket: string): Promise<Inventory> {
	return call(socket, "GET") as Promise<Inventory>;
}

/** Number of requests so far that may change something in Proxmox. */
export function fetchChanges(socket: string): Promise<number> {
	return call(socket, "GET", undefined, changesPath) as Promise<number>;
}

/** Names of the snapshots of each VM, by its id, the oldest first. */
export function fetchSnapshots(socket: string): Promise<Record<string, string[]>> {
	return call(socket, "GET", undefined, snapshotsPath) as Promise<Record<string, string[]>>;
}

export async function injectFault(socket: string, fault: DatacenterFault): Promise<void> {
	await call(socket, "POST", fault);
}

async function about(proxmox: Proxmox, url: string | undefined): Promise<unknown> {
	switch (url) {
		case changesPath:
			return proxmox.requests.filter(({ method }) => method !== "GET").length;
		case snapshotsPath:
			return Object.fromEntries(proxmox.state().vms.map(({ vmId, snapshots }) => [vmId, Object.keys(snapshots)]));
		default:
			return inventoryOf(proxmox);
	}
}

async function inventoryOf(proxmox: Proxmox): Promise<Inventory> {
	for (let second = 0; second < 10 && proxmox.state().runningTasks.length > 0; second += 1) {
		await sleep(1000);
	}
	const { vms, volumes } = proxmox.state();
	return { vms: vms.length, volumes: volumes.length };
}

async function inject({ proxmox, mirrorFaults, machines }: ControlledParts, fault: DatacenterFault): Promise<null> {
	switch (fault.kind) {
		case "reply":
			proxmox.faults.reply({ ...fault, path: new RegExp(fault.path) });
			break;
		case "disconnect":
			proxmox.faults.disconnect({ ...fault, path: new RegExp(fault.path) });
			break;
		case "fail task":
			proxmox.faults.failTask(fault);
			break;
		case "lock":
			proxmox.faults.lock(fault.vmId);
			break;
		case "mirror":
			mirrorFaults.set(fault.path, fault.fault);
			break;
		case "link":
			await machines.setLink(fault.vmId, 0, fault.up);
			break;
		case "gpus":
			await machines.losePciDevices(fault.vmId);
			break;
		case "clear":
			proxmox.faults.clear();
			mirrorFaults.clear();
			break;
	}
	return null;
}

async function call(socketPath: string, method: "GET" | "POST", body?: unknown, path = "/"): Promise<unknown> {
	const { status, answer } = await new Promise<{ status?: number; answer: string }>((resolve, reject) => {
		const outgoing = request({ socketPath, method, path }, async (response) =>
			resolve({ status: response.statusCode, answer: await text(response) }),
		);
		outgoing.once("error", reject);
		outgoing.end(body === undefined ? undefined : JSON.stringify(body));
	});
	if (status !== 200) {
		throw new Error(`The datacenter refused the request: ${answer}`);
	}
	return JSON.parse(answer);
}
