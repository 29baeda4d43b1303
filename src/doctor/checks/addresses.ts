import type { StackConfig } from "../../config/schema/stack.ts";
import { type Finding, findingsAbout } from "../finding.ts";
import type { Surroundings } from "../surroundings.ts";

const { mistake, warning, unchecked } = findingsAbout("addresses");

interface Wanted {
	/** Key of the stack file. */
	key: string;
	address: string;
}

/**
 * The way to the nodes' network, and addresses in it that another machine has.
 *
 * @param existing nodes whose VM an earlier `up` made; they may answer. Undefined when nobody knows them
 */
export async function checkAddresses(
	stack: StackConfig,
	surroundings: Surroundings,
	existing: ReadonlySet<string> | undefined,
): Promise<Finding[]> {
	const { gateway, cidr } = stack.network;
	const wanted = existing ? wantedAddresses(stack, existing) : [];
	const first = wanted[0]?.address ?? gateway;
	if (!(await surroundings.hasRoute(first))) {
		return [
			mistake(
				`network.cidr: this workstation has no route to ${cidr}, so it reaches neither the nodes nor the Kubernetes API`,
				"connect it to that network or to its VPN, or run `up` on a machine that is",
			),
		];
	}
	const [router, ...answers] = await Promise.all([
		surroundings.machineAt(gateway),
		...wanted.map(async ({ key, address }) => ({ key, address, machine: await surroundings.machineAt(address) })),
	]);
	const isIn = surroundings.isIn(cidr);
	return [
		...(router || !isIn
			? []
			: [
					warning(
						`network.gateway: nothing has the address ${gateway} in ${cidr}`,
						"correct network.gateway, or network.vlan if this is another segment with the same addresses",
					),
				]),
		...(existing ? [] : [unknownNodes()]),
		...(isIn ? [] : [remote(cidr)]),
		...answers.flatMap(({ key, address, machine }) =>
			machine
				? [
						mistake(
							`${key}: ${address} is in use by ${machine.by === "ARP" ? `the machine with the MAC address ${machine.mac}` : "a machine that answers there"}`,
							"choose an address that is free, or take it from that machine",
						),
					]
				: [],
		),
	];
}

/** From here another machine may have the address of a node that the workstation reaches at another one. */
function wantedAddresses({ cluster, nodes, ssh }: StackConfig, existing: ReadonlySet<string>): Wanted[] {
	const { mode, address } = cluster.api;
	return [
		...Object.entries(nodes)
			.filter(([name]) => !(existing.has(name) || Object.hasOwn(ssh.addresses, name)))
			.map(([name, node]) => ({ key: `nodes.${name}.address`, address: node.address })),
		// A load balancer has the address of mode `external` already.
		...(address !== undefined && mode !== "external" && existing.size === 0
			? [{ key: "cluster.api.address", address }]
			: []),
	];
}

function unknownNodes(): Finding {
	return unchecked(
		"nodes.<name>.address: machines with these addresses may be nodes that an earlier `up` made, which only Proxmox tells",
		"run the doctor again when Proxmox answers",
	);
}

function remote(cidr: string): Finding {
	return unchecked(
		`network.cidr: this workstation is not in ${cidr}, so ARP shows no machine there`,
		"run the doctor on a machine in that network too; here a machine counts only if it answers on 22, 80, 443 or 6443",
	);
}
