/** Rules across networks: the node segment, pods and services. */
import { contains, overlaps, prefixLength } from "../formats/addresses.ts";
import type { Problem } from "../read/problems.ts";
import { applyRules } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";
import { conflict, segmentEnds } from "./taken-addresses.ts";

export function checkNetworks(stack: StackConfig): Problem[] {
	return applyRules(stack, overlapping, podNetworkSize, serviceNetworkSize, gateway, podMtu);
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
				message: `${cidr} overlaps ${otherKey} ${other}; node, pod and service networks must not overlap.`,
			})),
	);
}

/** A wider network has room for more nodes than RKE2's sizing guide covers. */
const widestPodNetwork = 13;

/** The controller manager gives each node a /24, and network policies for webhooks list the first address of every /24. */
function podNetworkSize({ cluster: { podCidr }, nodes }: StackConfig): Problem[] {
	const prefix = prefixLength(podCidr);
	const count = Object.keys(nodes).length;
	const needed = 24 - Math.ceil(Math.log2(count));
	if (prefix < widestPodNetwork) {
		return [
			{
				key: "cluster.podCidr",
				message: `must be a /${widestPodNetwork} or smaller, found ${podCidr}: each node gets a /24 of it, and network policies list the first address of every one.`,
			},
		];
	}
	return prefix <= needed
		? []
		: [
				{
					key: "cluster.podCidr",
					message:
						needed < widestPodNetwork
							? `holds a /24 for each of ${2 ** (24 - prefix)} nodes, found ${count} nodes; a cluster has ${2 ** (24 - widestPodNetwork)} at most, with a /${widestPodNetwork}.`
							: `must be a /${needed} or wider, found ${podCidr}: each of the ${count} nodes gets a /24 of it.`,
				},
			];
}

/**
 * RKE2 gives cluster DNS the tenth address; a /24 has room for further Services. Up to 1.33 the API server starts with 20
 * bits at most.
 * https://docs.rke2.io/reference/server_config (`cluster-dns`)
 */
function serviceNetworkSize({ cluster: { serviceCidr } }: StackConfig): Problem[] {
	const prefix = prefixLength(serviceCidr);
	return prefix >= 12 && prefix <= 24
		? []
		: [
				{
					key: "cluster.serviceCidr",
					message: `must be a /12 to a /24, found ${serviceCidr}; cluster DNS has the tenth address, and every Service needs one.`,
				},
			];
}

function gateway(stack: StackConfig): Problem[] {
	const { cidr, gateway: address } = stack.network;
	const message = contains(cidr, address)
		? conflict(address, segmentEnds(stack))
		: `${address} is outside network.cidr ${cidr}.`;
	return message ? [{ key: "network.gateway", message }] : [];
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
