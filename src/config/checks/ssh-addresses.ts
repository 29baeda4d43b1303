/** Rules for the addresses at which the workstation, or the bastion, reaches SSH on nodes. */
import { sshHost } from "../derived/endpoints.ts";
import { hostOf, portOf } from "../formats/hosts.ts";
import type { Problem } from "../read/problems.ts";
import { applyRules, eachEntry } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";
import { apiAddress, conflict } from "./taken-addresses.ts";

export function checkSshAddresses(stack: StackConfig): Problem[] {
	return applyRules(stack, oneNodeEach, addressOfTheBastion, addressOfTheApi, portBehindTheFirewall);
}

/** A command for one node would run on the other. */
function oneNodeEach(stack: StackConfig): Problem[] {
	const endpoints = Object.entries(stack.nodes).flatMap(([node, { address }]) =>
		[sshHost(stack, node), address].map((at) => [node, endpoint(at)] as const),
	);
	return eachEntry(stack.ssh.addresses, (name, address) => {
		const other = endpoints.find(([node, at]) => node !== name && at === endpoint(address));
		return other
			? [{ key: `ssh.addresses.${name}`, message: `${address} reaches ${other[0]}; each node needs one of its own.` }]
			: [];
	});
}

function endpoint(address: string): string {
	return `${hostOf(address)}:${portOf(address, 22)}`;
}

/** The bastion forwards connections to the nodes: none of them is the bastion itself. */
function addressOfTheBastion({ ssh: { addresses, bastion } }: StackConfig): Problem[] {
	return eachEntry(addresses, (name, address) =>
		bastion && endpoint(bastion.host) === endpoint(address)
			? [
					{
						key: `ssh.addresses.${name}`,
						message: `${address} is the bastion (ssh.bastion.host); name the address at which the bastion reaches ${name}.`,
					},
				]
			: [],
	);
}

/** A load balancer stays where it is, and may forward SSH. */
function addressOfTheApi(stack: StackConfig): Problem[] {
	const { mode, hostname } = stack.cluster.api;
	if (mode === "external") {
		return [];
	}
	return eachEntry(stack.ssh.addresses, (name, address) => {
		const key = `ssh.addresses.${name}`;
		const host = hostOf(address);
		const message = conflict(host, apiAddress(stack));
		return [
			...(message ? [{ key, message: `${message.slice(0, -1)}, and moves from server to server.` }] : []),
			...(host === hostname
				? [{ key, message: `${host} is the name of the API (cluster.api.hostname), which leads to several servers.` }]
				: []),
		];
	});
}

/** Behind NAT the packets arrive at the node's port 22 with its own address. */
function portBehindTheFirewall({ nodes, proxmox, ssh }: StackConfig): Problem[] {
	return eachEntry(ssh.addresses, (name, address) => {
		const [host] = Object.entries(nodes).find(([, node]) => node.address === hostOf(address)) ?? [];
		if (!proxmox.firewall.enabled || host === undefined || portOf(address, 22) === 22) {
			return [];
		}
		const [whose, advice] =
			host === name
				? ["the node itself", "let the node's SSH server listen on port 22"]
				: [`the node ${host}`, `name an address that leads to port 22 of ${name}`];
		return [
			{
				key: `ssh.addresses.${name}`,
				message: `${address} is another port of ${whose}, and proxmox.firewall opens port 22 alone for SSH; ${advice}.`,
			},
		];
	});
}
