/** Rules across networks: the node segment, pods, services and the load-balancer pool. */
import { bounds, contains, overlaps, prefixLength } from "../addresses.ts";
import type { Problem } from "../problems.ts";
import type { StackConfig } from "../schema.ts";

export function checkNetworks(stack: StackConfig): Problem[] {
	return [
		...overlapping(stack),
		...podNetworkSize(stack),
		...gateway(stack),
		...podMtu(stack),
		...loadBalancerPool(stack),
	];
}

function overlapping({ cluster, network }: StackConfig): Problem[] {
	const networks: [string, string][] = [
		["network.cidr", network.cidr],
		["cluster.podCidr", cluster.podCidr],
		["cluster.serviceCidr", cluster.serviceCidr],
	];
	return networks.flatMap(([key, cidr], index) =>
		networks
			.slice(0, index)
			.filter(([, other]) => overlaps(cidr, other))
			.map(([otherKey, other]) => ({
				key,
				message: `${cidr} overlaps ${otherKey} ${other}; node, pod and service networks must be apart.`,
			})),
	);
}

/** The controller manager gives each node a /24; the policies for webhooks list the first address of every one. */
function podNetworkSize({ cluster: { podCidr }, nodes }: StackConfig): Problem[] {
	const prefix = prefixLength(podCidr);
	const count = Object.keys(nodes).length;
	if (prefix >= 16 && 2 ** (24 - prefix) >= count) {
		return [];
	}
	return [
		{
			key: "cluster.podCidr",
			message: `must be no wider than a /16 and hold a /24 for each of the ${count} nodes, found ${podCidr}.`,
		},
	];
}

function gateway({ network }: StackConfig): Problem[] {
	return contains(network.cidr, network.gateway)
		? []
		: [{ key: "network.gateway", message: `${network.gateway} is outside network.cidr ${network.cidr}.` }];
}

/**
 * Bytes that a backend adds to a packet, as flannel subtracts them from the MTU of the nodes: VXLAN over IPv4 (14 for the
 * inner Ethernet header, 20, 8 and 8), and WireGuard with the larger header of IPv6 (40, 8 and 32).
 * https://github.com/flannel-io/flannel/blob/master/pkg/backend/wireguard/device.go
 */
const overhead = { vxlan: 50, wireguard: 80 };

/** The chart does not derive the pod MTU from the backend. */
function podMtu({ cluster: { canal }, network }: StackConfig): Problem[] {
	const largest = network.mtu - overhead[canal.backend];
	if (canal.mtu <= largest) {
		return [];
	}
	return [
		{
			key: "cluster.canal.mtu",
			message: `must be at most ${largest} with the ${canal.backend} backend on network.mtu ${network.mtu}, found ${canal.mtu}.`,
		},
	];
}

function loadBalancerPool({ platform: { metallb }, network, cluster, nodes }: StackConfig): Problem[] {
	if (!metallb.announce) {
		return [];
	}
	return metallb.pool.flatMap((range, index) => {
		const key = `platform.metallb.pool.${index}`;
		const { first, last } = bounds(range);
		if (!contains(network.cidr, first) || !contains(network.cidr, last)) {
			return [
				{
					key,
					message: `${range} is outside network.cidr ${network.cidr}: MetalLB answers ARP only on the nodes' own segment, so these addresses would never work.`,
				},
			];
		}
		const used: [string, string][] = [
			["network.gateway", network.gateway],
			...(cluster.api.address ? [["cluster.api.address", cluster.api.address] satisfies [string, string]] : []),
			...Object.entries(nodes).map(([name, node]): [string, string] => [`nodes.${name}.address`, node.address]),
		];
		return used
			.filter(([, address]) => overlaps(range, `${address}/32`))
			.map(([owner, address]) => ({ key, message: `${range} contains ${address}, which is ${owner}.` }));
	});
}
