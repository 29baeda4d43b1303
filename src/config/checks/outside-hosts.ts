/** Servers outside the cluster that nodes or pods connect to, each with its key in the stack file. */
import { acmeOf } from "../derived/issuing.ts";
import { hostOf } from "../formats/hosts.ts";
import { applyRules, eachEntry, eachItem } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";

export interface OutsideHost {
	key: string;
	/** Name or address, without a port. */
	host: string;
	/** Whether it may be a program on each node itself. */
	onEachNode?: boolean;
}

export function outsideHosts(stack: StackConfig): OutsideHost[] {
	return applyRules(stack, addresses, balancer, urls, snapshots, images, mirrors);
}

function addresses(stack: StackConfig): OutsideHost[] {
	const { network, platform } = stack;
	const lists: Record<string, readonly string[]> = {
		"network.nameservers": network.nameservers,
		"network.timeServers": network.timeServers,
		"platform.scrapers": platform.scrapers,
		"platform.certManager.recursiveNameservers": acmeOf(stack)?.recursiveNameservers ?? [],
	};
	return eachEntry(lists, (key, list) => eachItem(list, (host, index) => [{ key: `${key}.${index}`, host }]));
}

function balancer({ cluster: { api } }: StackConfig): OutsideHost[] {
	return api.mode === "external" && api.address ? [{ key: "cluster.api.address", host: api.address }] : [];
}

/** URLs that nodes or pods use. The workstation downloads the charts, and the Proxmox hosts download the image. */
function urls(stack: StackConfig): OutsideHost[] {
	const { access, cluster } = stack;
	const all: Record<string, () => string | undefined> = {
		"cluster.artifacts.url": () => cluster.artifacts.url,
		"cluster.proxy.url": () => cluster.proxy?.url,
		"access.oidc.issuer": () => access.oidc?.issuer,
		"platform.certManager.acmeServer": () => acmeOf(stack)?.acmeServer,
		"platform.certManager.dns01.acmeDNS.host": () => acmeOf(stack)?.dns01.acmeDNS?.host,
		"platform.certManager.stagingAcmeServer": () => acmeOf(stack)?.stagingAcmeServer,
	};
	return eachEntry(all, (key, read) => {
		const url = read();
		return url === undefined ? [] : [{ key, host: new URL(url).hostname }];
	});
}

function snapshots({ cluster: { etcdSnapshots } }: StackConfig): OutsideHost[] {
	return etcdSnapshots.s3
		? [{ key: "cluster.etcdSnapshots.s3.endpoint", host: hostOf(etcdSnapshots.s3.endpoint) }]
		: [];
}

function images({ cluster: { registries } }: StackConfig): OutsideHost[] {
	return registries.systemDefault === undefined
		? []
		: [
				{
					key: "cluster.registries.systemDefault",
					host: hostOf(registries.systemDefault),
					onEachNode: true,
				},
			];
}

function mirrors({ cluster: { registries } }: StackConfig): OutsideHost[] {
	return eachEntry(registries.mirrors, (name, { endpoints }) =>
		eachItem(endpoints, (url, index) => [
			{ key: `cluster.registries.mirrors.${name}.endpoints.${index}`, host: new URL(url).hostname, onEachNode: true },
		]),
	);
}
