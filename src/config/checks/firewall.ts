/** Rules for the packet filter in front of the VMs: it lets the administrators in, and not every address. */
import { prefixLength } from "../formats/addresses.ts";
import { coverEveryAddress, networkOf } from "../formats/networks.ts";
import type { Problem } from "../read/problems.ts";
import type { StackConfig } from "../schema/stack.ts";

export function checkFirewall({ proxmox: { firewall } }: StackConfig): Problem[] {
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
