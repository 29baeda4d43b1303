import { nodeInterface } from "../facts/network.ts";
import type { NodeFile } from "./bundle.ts";

/** What Canal makes on a node; Calico's own names, and flannel's for each of its backends. */
const podLinks = ["cali*", "flannel*", "tunl*", "vxlan*"];

/**
 * Tells the network services of a system to leave alone what they did not make: links, routes and rules of Canal, and the
 * API's address, which kube-vip or keepalived adds to the node's card. Each service reads it when it starts, which is when
 * it would take them away: on a running node nothing has to be started anew.
 * https://docs.rke2.io/known_issues (NetworkManager), acassen/keepalived#1385, kubernetes/kops#17433
 */
export function networkServiceFiles(): NodeFile[] {
	const root = { mode: "0644", owner: "root:root" };
	return [
		{
			path: "/etc/systemd/networkd.conf.d/rke2-lab.conf",
			...root,
			content: "[Network]\nManageForeignRoutes=no\nManageForeignRoutingPolicyRules=no\n",
		},
		{
			// The first file that matches a link counts, and netplan's begin with 10.
			path: "/etc/systemd/network/05-rke2-lab.network",
			...root,
			content: `[Match]\nName=${podLinks.join(" ")}\n\n[Link]\nUnmanaged=yes\n`,
		},
		{
			// What netplan makes of cloud-init's file for the card.
			path: `/etc/systemd/network/10-netplan-${nodeInterface}.network.d/rke2-lab.conf`,
			...root,
			content: "[Network]\nKeepConfiguration=static\n",
		},
		{
			path: "/etc/NetworkManager/conf.d/rke2-lab.conf",
			...root,
			content: `[keyfile]\nunmanaged-devices=${podLinks.map((name) => `interface-name:${name}`).join(";")}\n`,
		},
	];
}
