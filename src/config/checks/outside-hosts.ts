/** What the cluster asks outside of itself: where it is, and under which key the stack file says so. */
import type { StackConfig } from "../schema.ts";

export interface OutsideHost {
	key: string;
	/** Name or address, without a port. */
	host: string;
	/** Whether it may be a program that runs on each node. */
	onEachNode?: boolean;
}

export function outsideHosts(stack: StackConfig): OutsideHost[] {
	return [...addresses(stack), ...urls(stack), ...registries(stack)];
}

function addresses({ cluster, network, platform }: StackConfig): OutsideHost[] {
	const lists: Record<string, readonly string[]> = {
		"network.nameservers": network.nameservers,
		"network.timeServers": network.timeServers,
		"platform.scrapers": platform.scrapers,
		"platform.certManager.recursiveNameservers": platform.certManager.recursiveNameservers,
	};
	const { mode, address } = cluster.api;
	return [
		...Object.entries(lists).flatMap(([key, list]) => list.map((host, index) => ({ key: `${key}.${index}`, host }))),
		...(mode === "external" && address ? [{ key: "cluster.api.address", host: address }] : []),
	];
}

/** Those that nodes or pods ask. The charts come to the workstation, and the image comes to the Proxmox hosts. */
function urls({ access, cluster, platform }: StackConfig): OutsideHost[] {
	const all: Record<string, string | undefined> = {
		"cluster.artifacts.url": cluster.artifacts.url,
		"cluster.proxy.url": cluster.proxy?.url,
		"access.oidc.issuer": access.oidc?.issuer,
		"platform.certManager.acmeServer": platform.certManager.acmeServer,
		"platform.certManager.stagingAcmeServer": platform.certManager.stagingAcmeServer,
	};
	return Object.entries(all).flatMap(([key, url]) => (url === undefined ? [] : [{ key, host: hostOfUrl(url) }]));
}

function registries({ cluster: { etcdSnapshots, registries: images } }: StackConfig): OutsideHost[] {
	const { systemDefault, mirrors } = images;
	return [
		...(etcdSnapshots.s3
			? [{ key: "cluster.etcdSnapshots.s3.endpoint", host: withoutPort(etcdSnapshots.s3.endpoint) }]
			: []),
		...(systemDefault === undefined
			? []
			: [{ key: "cluster.registries.systemDefault", host: withoutPort(systemDefault), onEachNode: true }]),
		...Object.entries(mirrors).flatMap(([name, { endpoints }]) =>
			endpoints.map((url, index) => ({
				key: `cluster.registries.mirrors.${name}.endpoints.${index}`,
				host: hostOfUrl(url),
				onEachNode: true,
			})),
		),
	];
}

function hostOfUrl(url: string): string {
	return new URL(url).hostname;
}

function withoutPort(host: string): string {
	return host.split(":")[0]!;
}
