import { nodeInterface } from "../facts/network.ts";
import type { NodeFile } from "./bundle.ts";

/** Network interfaces that Canal creates on a node: Calico's names, and flannel's for each of its backends. */
const podLinks = ["cali*", "flannel*", "tunl*", "vxlan*"];

/**
 * Keeps the network services of a system from removing the links, routes and rules of Canal, and the API's address, which
 * kube-vip or keepalived adds to the node's network interface. A service would remove them when it starts, and reads its file
 * then: on a running node no service has to restart.
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
			// The first file that matches an interface applies, and netplan's files begin with 10.
			path: "/etc/systemd/network/05-rke2-lab.network",
			...root,
			content: `[Match]\nName=${podLinks.join(" ")}\n\n[Link]\nUnmanaged=yes\n`,
		},
		{
			// netplan generates this unit from cloud-init's file for the network interface.
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
