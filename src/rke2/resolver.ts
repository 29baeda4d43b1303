import type { StackConfig } from "../config/schema/stack.ts";

/**
 * resolv.conf of the kubelet, which hands it to every pod: name servers and no search list. Cluster DNS asks with the
 * search list of the pod before it asks for the name itself (`ndots:5`), so with the node's own list, and a wildcard
 * record in that domain, `api.example.com` would be found as `api.example.com.lab.internal` (k3s-io/k3s#2801).
 */
export function resolverFile({ network }: StackConfig): string {
	return network.nameservers.map((address) => `nameserver ${address}\n`).join("");
}
