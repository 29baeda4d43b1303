/** What the nodes of a stack have for their addresses, from the files that they get. */
import { isAddress } from "../../../src/config/formats/addresses.ts";
import { portOfUrl } from "../../../src/config/formats/hosts.ts";
import { type Network, networkOf } from "../../../src/config/formats/networks.ts";
import { paths } from "../../../src/rke2/paths.ts";
import type { Resource } from "../rules/resource.ts";
import { addressesOf, type Machine, machineOf, rolesOf } from "../vm/machines.ts";
import { listOf, type Rke2Config, rke2ConfigOf } from "./files.ts";

export interface ClusterAddresses {
	controlPlanes: readonly string[];
	/** Control planes and workers. */
	nodes: readonly string[];
	/** Where the nodes join: the address or the name of the API; none for a single node. */
	joinedAt: readonly string[];
	/** Networks of the pods. */
	pods: readonly Network[];
	/** Of the nodes, to which CoreDNS sends what it does not know. */
	nameServers: readonly string[];
	/** Ports of the proxies that have a name, so that a policy cannot have their address. */
	namedProxyPorts: readonly number[];
}

/** @returns nothing for a stack without the configuration of a server */
export function clusterAddresses(resources: readonly Resource[]): ClusterAddresses | undefined {
	const configs = resources.flatMap((resource) => rke2ConfigOf(resource) ?? []);
	const servers = configs.filter(({ role }) => role === "server");
	if (servers.length === 0) {
		return undefined;
	}
	const machines = resources.flatMap((resource) => machineOf(resource) ?? []);
	// rke2-config-on-every-node refuses a machine without a configuration.
	const addresses = (of: readonly Rke2Config[], on: readonly Machine[]) => [
		...new Set([...of.flatMap((config) => listOf(config, "node-ip")), ...on.flatMap(addressesOf)]),
	];
	const cidrs = servers.flatMap((config) => listOf(config, "cluster-cidr")).flatMap((list) => list.split(","));
	return {
		controlPlanes: addresses(
			servers,
			machines.filter((machine) => rolesOf(machine).includes("control-plane")),
		),
		nodes: addresses(configs, machines),
		joinedAt: [...new Set(configs.flatMap((config) => listOf(config, "server")))].flatMap((url) =>
			URL.canParse(url) ? [new URL(url).hostname] : [],
		),
		pods: [...new Set(cidrs)].flatMap((cidr) => networkOf(cidr.trim()) ?? []),
		nameServers: configs.flatMap((config) => linesOf(config, (path) => path === paths.resolver, "nameserver ")),
		namedProxyPorts: configs
			.flatMap((config) => linesOf(config, (path) => path.startsWith("/etc/default/rke2-"), "HTTPS_PROXY="))
			.filter((url) => URL.canParse(url) && !isAddress(new URL(url).hostname))
			.map(portOfUrl),
	};
}

/** What follows the beginning, of each line that has it. */
function linesOf({ nodeFiles }: Rke2Config, isFile: (path: string) => boolean, beginning: string): string[] {
	return nodeFiles
		.filter(({ path }) => isFile(path))
		.flatMap(({ content }) => content.split("\n"))
		.flatMap((line) => (line.startsWith(beginning) ? [line.slice(beginning.length)] : []));
}
