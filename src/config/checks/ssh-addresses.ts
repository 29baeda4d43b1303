/** Rules for the addresses at which the workstation reaches SSH on nodes. */
import { sshHost } from "../derived/endpoints.ts";
import { hostOf, portOf } from "../formats/hosts.ts";
import type { Problem } from "../read/problems.ts";
import { applyRules, eachEntry } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";
import { apiAddress, conflict } from "./taken-addresses.ts";

export function checkSshAddresses(stack: StackConfig): Problem[] {
	return applyRules(stack, oneNodeEach, addressOfTheApi, portBehindTheFirewall);
}

/** A command for one node would run on the other. */
function oneNodeEach(stack: StackConfig): Problem[] {
	const endpoints = new Map(Object.keys(stack.nodes).map((node) => [node, endpoint(sshHost(stack, node))]));
	return eachEntry(stack.ssh.addresses, (name, address) => {
		const other = [...endpoints].find(([node, at]) => node !== name && at === endpoint(address));
		return other
			? [{ key: `ssh.addresses.${name}`, message: `${address} reaches ${other[0]}; each node needs one of its own.` }]
			: [];
	});
}

function endpoint(address: string): string {
	return `${hostOf(address)}:${portOf(address, 22)}`;
}

/** A load balancer stays where it is, and may forward SSH. */
function addressOfTheApi(stack: StackConfig): Problem[] {
	if (stack.cluster.api.mode === "external") {
		return [];
	}
	return eachEntry(stack.ssh.addresses, (name, address) => {
		const message = conflict(hostOf(address), apiAddress(stack));
		return message
			? [{ key: `ssh.addresses.${name}`, message: `${message.slice(0, -1)}, and moves from server to server.` }]
			: [];
	});
}

/** Behind NAT the packets arrive at the node's port 22 with its own address. */
function portBehindTheFirewall({ nodes, proxmox, ssh }: StackConfig): Problem[] {
	return eachEntry(ssh.addresses, (name, address) =>
		proxmox.firewall.enabled && hostOf(address) === nodes[name]?.address && portOf(address, 22) !== 22
			? [
					{
						key: `ssh.addresses.${name}`,
						message: `${address} is another port of the node itself, and proxmox.firewall opens port 22 alone for SSH; let the node's SSH server listen on port 22.`,
					},
				]
			: [],
	);
}
