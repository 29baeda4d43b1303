/**
 * resolv.conf of the kubelet, which passes it on to every pod: name servers and no search list. A pod first looks up a name
 * with each domain of its search list (`ndots:5`). With the node's own list, and a wildcard record in that domain,
 * `api.example.com` would resolve as `api.example.com.lab.internal` (k3s-io/k3s#2801).
 */
export function resolverFile(nameservers: readonly string[]): string {
	return nameservers.map((address) => `nameserver ${address}\n`).join("");
}
