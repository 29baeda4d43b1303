/** A door into the running datacenter for those outside its network: what it holds, and trouble on demand. */
import { createServer, request, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault as MirrorFault } from "../doubles/network/mirror.ts";
import type { Hypervisor } from "../doubles/proxmox/hypervisor.ts";
import type { Proxmox } from "../doubles/proxmox/proxmox.ts";
import type { ReplyFault, TaskFault } from "../doubles/proxmox/server/faults.ts";

/** Faults as they travel: a pattern is its source. */
export type Trouble =
	| ({ kind: "reply" } & Omit<ReplyFault, "path"> & { path: string })
	| { kind: "disconnect"; path: string; times?: number }
	| ({ kind: "fail task" } & TaskFault)
	| { kind: "lock"; vmId: number }
	| { kind: "mirror"; path: string; fault: MirrorFault }
	| { kind: "link"; vmId: number; up: boolean }
	/** The guest loses the cards that were passed to it. */
	| { kind: "cards"; vmId: number }
	/** Forgets every fault that has not struck yet, and releases what is locked. */
	| { kind: "clear" };

export interface Holdings {
	vms: number;
	volumes: number;
}

interface ControlledParts {
	proxmox: Proxmox;
	/** Faults of the mirror by URL path, decoded; looked up at every request. */
	mirrorFaults: Map<string, MirrorFault>;
	machines: Hypervisor;
}

export async function serveControl(socket: string, parts: ControlledParts): Promise<Server> {
	const server = createServer(async (incoming, response) => {
		try {
			const answer =
				incoming.method === "POST"
					? await cause(parts, JSON.parse(await text(incoming)))
					: await holdings(parts.proxmox);
			response.end(JSON.stringify(answer));
		} catch (error) {
			response.writeHead(500).end(String(error));
		}
	});
	await new Promise<void>((resolve, reject) => server.once("error", reject).listen(socket, resolve));
	return server;
}

/** What the Proxmox double holds once its running tasks, such as the deletion of an image, have ended. */
export function askHoldings(socket: string): Promise<Holdings> {
	return ask(socket, "GET") as Promise<Holdings>;
}

export async function causeTrouble(socket: string, trouble: Trouble): Promise<void> {
	await ask(socket, "POST", trouble);
}

async function holdings(proxmox: Proxmox): Promise<Holdings> {
	for (let second = 0; second < 10 && proxmox.state().runningTasks.length > 0; second += 1) {
		await sleep(1000);
	}
	const { vms, volumes } = proxmox.state();
	return { vms: vms.length, volumes: volumes.length };
}

async function cause({ proxmox, mirrorFaults, machines }: ControlledParts, trouble: Trouble): Promise<null> {
	switch (trouble.kind) {
		case "reply":
			proxmox.faults.reply({ ...trouble, path: new RegExp(trouble.path) });
			break;
		case "disconnect":
			proxmox.faults.disconnect({ ...trouble, path: new RegExp(trouble.path) });
			break;
		case "fail task":
			proxmox.faults.failTask(trouble);
			break;
		case "lock":
			proxmox.faults.lock(trouble.vmId);
			break;
		case "mirror":
			mirrorFaults.set(trouble.path, trouble.fault);
			break;
		case "link":
			await machines.setLink(trouble.vmId, 0, trouble.up);
			break;
		case "cards":
			await machines.losePciDevices(trouble.vmId);
			break;
		case "clear":
			proxmox.faults.clear();
			mirrorFaults.clear();
			break;
	}
	return null;
}

async function ask(socketPath: string, method: "GET" | "POST", body?: unknown): Promise<unknown> {
	const { status, answer } = await new Promise<{ status?: number; answer: string }>((resolve, reject) => {
		const outgoing = request({ socketPath, method }, async (response) =>
			resolve({ status: response.statusCode, answer: await text(response) }),
		);
		outgoing.once("error", reject);
		outgoing.end(body === undefined ? undefined : JSON.stringify(body));
	});
	if (status !== 200) {
		throw new Error(`The datacenter refused: ${answer}`);
	}
	return JSON.parse(answer);
}
