import { apiHost } from "../config/derived/endpoints.ts";
import type { StackConfig } from "../config/schema/stack.ts";
import type { NodeFile } from "./bundle.ts";
import type { Rke2Role } from "./keys.ts";

type ProxyConfig = Pick<StackConfig, "cluster" | "network">;

/** Destinations that are reached without the proxy: it must not be between the parts of a cluster. */
export function proxyExceptions({ cluster, network }: ProxyConfig): string[] {
	return [
		"127.0.0.0/8",
		network.cidr,
		...new Set([apiHost(cluster), cluster.api.hostname]),
		cluster.podCidr,
		cluster.serviceCidr,
		".svc",
		".cluster.local",
		...(cluster.proxy?.exceptions ?? []),
	];
}

/** Arguments of a script that downloads from outside: the proxy, and its exceptions between commas; none without a proxy. */
export function proxyArguments(stack: ProxyConfig): string[] {
	const { proxy } = stack.cluster;
	return proxy ? [proxy.url, proxyExceptions(stack).join(",")] : [];
}

/** Environment variables of programs that download from outside, with names in capitals; none without a proxy. */
export function proxyVariables(stack: ProxyConfig): Record<string, string> {
	const { proxy } = stack.cluster;
	return proxy ? { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, NO_PROXY: proxyExceptions(stack).join(",") } : {};
}

/**
 * Environment of RKE2's unit. RKE2 passes it on to containerd and the kubelet.
 * https://docs.rke2.io/advanced#configuring-an-http-proxy
 */
export function environmentFile(stack: ProxyConfig, role: Rke2Role): NodeFile {
	return {
		path: `/etc/default/rke2-${role}`,
		mode: "0644",
		owner: "root:root",
		content: Object.entries(proxyVariables(stack))
			.map(([name, value]) => `${name}=${value}\n`)
			.join(""),
	};
}
