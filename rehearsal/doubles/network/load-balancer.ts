import type { LoadBalancerDescription } from "../../datacenter/services.ts";
import { serveLoadBalancer } from "../rke2/program/node/load-balancer.ts";

/** Ports of the API and of the registration of nodes. */
const ports = [6443, 9345];

/** What an administrator's own load balancer does; it ends with this process. */
export async function balanceServers({ address, servers }: LoadBalancerDescription): Promise<void> {
	const { signal } = new AbortController();
	for (const port of ports) {
		const targets = servers.map((server) => `${server}:${port}`);
		await serveLoadBalancer({ address, port }, targets, signal);
	}
}
