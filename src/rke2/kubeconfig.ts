import { parse, stringify } from "yaml";

interface Kubeconfig {
	clusters: [{ name: string; cluster: Record<string, unknown> }];
	users: [{ name: string; user: Record<string, unknown> }];
	contexts: [{ name: string; context: Record<string, unknown> }];
}

/**
 * The administrator's kubeconfig for use outside the cluster: with the address of the API in place of the server that it was
 * read on, and with the cluster's name in place of `default`, so that it can be merged with others.
 *
 * @param text rke2.yaml as a server writes it
 */
export function adminKubeconfig(text: string, { name, server }: { name: string; server: string }): string {
	const {
		clusters: [{ cluster }],
		users: [{ user }],
	} = parse(text) as Kubeconfig;
	const admin = `${name}-admin`;
	return stringify({
		apiVersion: "v1",
		kind: "Config",
		clusters: [{ name, cluster: { ...cluster, server } }],
		users: [{ name: admin, user }],
		contexts: [{ name, context: { cluster: name, user: admin } }],
		"current-context": name,
	});
}
