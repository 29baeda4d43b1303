import { connect, createServer, type Server, type Socket } from "node:net";
import { log } from "../process/log.ts";
import { every } from "../process/retry.ts";

const checkInterval = 2_000;
const connectTimeout = 2_000;

export interface LoadBalancer {
	/** `address:port` of the servers behind it. */
	setServers(servers: string[]): void;
	close(): void;
}

/**
 * A TCP load balancer on one port: each connection goes to a server that answers. A server that stops answering loses its
 * connections at once, so that clients start their watches again elsewhere instead of waiting for a dead host.
 *
 * An RKE2 agent has one in front of the API servers. The network double uses this one too (doubles/network/load-balancer.ts
 * imports it from here), because the release tarball has this program and nothing else.
 */
export async function serveLoadBalancer(
	{ address, port }: { address: string; port: number },
	servers: string[],
	signal: AbortSignal,
): Promise<LoadBalancer> {
	let targets = servers;
	const down = new Set<string>();
	const open = new Map<string, Set<Socket>>();

	const markDown = (target: string) => {
		if (!down.has(target)) {
			log.info(`Server ${target} failed its health check, moving its connections`);
		}
		down.add(target);
		for (const socket of open.get(target) ?? []) {
			socket.destroy();
		}
		open.delete(target);
	};
	const forward = async (client: Socket) => {
		client.on("error", () => client.destroy());
		// Healthy servers first, then the others, because the last health check may be outdated.
		for (const target of targets.toSorted((left, right) => Number(down.has(left)) - Number(down.has(right)))) {
			const server = await dial(target).catch(() => undefined);
			if (server === undefined) {
				continue;
			}
			const sockets = open.get(target) ?? new Set();
			open.set(target, sockets.add(server));
			server.on("error", () => server.destroy());
			server.on("close", () => {
				sockets.delete(server);
				client.destroy();
			});
			client.on("close", () => server.destroy());
			client.pipe(server).pipe(client);
			return;
		}
		client.destroy();
	};
	const listener: Server = createServer({ pauseOnConnect: true }, (client) => {
		void forward(client).finally(() => client.resume());
	});
	await new Promise<void>((resolve, reject) => {
		listener.once("error", reject);
		listener.listen(port, address, resolve);
	});
	every(checkInterval, signal, "checking the API servers", async () => {
		await Promise.all(
			targets.map(async (target) => {
				try {
					(await dial(target)).destroy();
					down.delete(target);
				} catch {
					markDown(target);
				}
			}),
		);
	});
	return {
		setServers: (next) => {
			for (const removed of targets.filter((target) => !next.includes(target))) {
				markDown(removed);
			}
			targets = next;
		},
		close: () => {
			listener.close();
			for (const sockets of open.values()) {
				for (const socket of sockets) {
					socket.destroy();
				}
			}
		},
	};
}

function dial(target: string): Promise<Socket> {
	const separator = target.lastIndexOf(":");
	const host = target.slice(0, separator);
	return new Promise((resolve, reject) => {
		const socket = connect({ host, port: Number(target.slice(separator + 1)) });
		const timer = setTimeout(() => socket.destroy(new Error("timed out")), connectTimeout);
		socket.once("connect", () => {
			clearTimeout(timer);
			resolve(socket);
		});
		socket.once("error", (error) => {
			clearTimeout(timer);
			reject(error);
		});
	});
}
