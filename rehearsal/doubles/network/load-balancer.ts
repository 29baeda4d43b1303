/** The double of an administrator's own load balancer in front of the control planes (`cluster.api.mode: external`). */
import { serveLoadBalancer } from "../rke2/program/node/load-balancer.ts";

export interface LoadBalancerDescription {
	/** Address that the load balancer answers on. */
	address: string;
	/** Addresses of the control plane nodes. */
	controlPlanes: string[];
}

/** Ports of the Kubernetes API and of the registration of nodes. */
const ports = [6443, 9345];

/** Passes each connection to a control plane node that answers. The load balancer ends with this process. */
export async function balanceControlPlanes({ address, controlPlanes }: LoadBalancerDescription): Promise<void> {
	const { signal } = new AbortController();
	for (const port of ports) {
		const targets = controlPlanes.map((controlPlane) => `${controlPlane}:${port}`);
		await serveLoadBalancer({ address, port }, targets, signal);
	}
}
