/** Rules for the packet filter in front of the VMs: it lets the administrators in, and not every address. */
import { contains, isAddress, prefixLength } from "../formats/addresses.ts";
import { hostOf } from "../formats/hosts.ts";
import { coverEveryAddress, networkOf } from "../formats/networks.ts";
import type { Problem } from "../read/problems.ts";
import { applyRules } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";

export function checkFirewall(stack: StackConfig): Problem[] {
	return applyRules(stack, administrators, bastion);
}

/** With a bastion, every SSH connection to a node comes from there. */
function bastion({ proxmox: { firewall }, ssh }: StackConfig): Problem[] {
	const host = ssh.bastion && hostOf(ssh.bastion.host);
	const isShutOut =
		firewall.enabled &&
		host !== undefined &&
		isAddress(host) &&
		firewall.adminCidrs.length > 0 &&
		!firewall.adminCidrs.some((cidr) => contains(cidr, host));
	return isShutOut
		? [
				{
					key: "ssh.bastion.host",
					message: `${host} is in no network of proxmox.firewall.adminCidrs, so the firewall would drop every connection of the program to a node; add ${host}/32 there.`,
				},
			]
		: [];
}

function administrators({ proxmox: { firewall } }: StackConfig): Problem[] {
	const key = "proxmox.firewall.adminCidrs";
	if (firewall.enabled && firewall.adminCidrs.length === 0) {
		return [
			{
				key,
				message:
					"must name at least one network while the firewall is on: no other address reaches SSH and the API, including that of Pulumi.",
			},
		];
	}
	const whole = firewall.adminCidrs
		.map((cidr, index) => ({ cidr, index }))
		.filter(({ cidr }) => prefixLength(cidr) === 0)
		.map(({ index }) => ({
			key: `${key}.${index}`,
			message: "0.0.0.0/0 opens SSH and the API to every address; name the networks of the administrators.",
		}));
	return whole.length === 0 && coverEveryAddress(firewall.adminCidrs.flatMap((cidr) => networkOf(cidr) ?? []))
		? [
				{
					key,
					message: `${firewall.adminCidrs.join(", ")} together open SSH and the API to every address; name the networks of the administrators.`,
				},
			]
		: whole;
}

/** A warning and no mistake: the ingress may have clients inside the cluster only. */
export function firewallWarnings({ proxmox: { firewall } }: StackConfig): Problem[] {
	return firewall.enabled && firewall.clientCidrs.length === 0
		? [
				{
					key: "proxmox.firewall.clientCidrs",
					message: "names no network, and the firewall is on: only the nodes reach the ingress.",
				},
			]
		: [];
}
